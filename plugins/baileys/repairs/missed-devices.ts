import type { EventEmitter } from 'node:events';
import {
  type BinaryNode,
  encodeSignedDeviceIdentity,
  isJidGroup,
  isJidNewsletter,
  isLidUser,
  jidDecode,
  jidEncode,
  proto,
} from '@whiskeysockets/baileys';
import { isRuntimeError, type Log, sentence } from 'waha-runtime';
import { mediaTypeOf, stanzaTypeOf } from '../messages/stanza-type.ts';
import { Recent } from '../recent.ts';
import { deviceHash } from '../socket/device-hash.ts';
import type { DeviceLists, KnownDevice } from '../socket/device-lists.ts';
import type { BaileysSocket } from '../socket/socket.ts';

export type RelayCall = Parameters<BaileysSocket['relayMessage']>;

/** Hears how often devices were missed. */
export interface MissedWatch {
  /** WhatsApp named other devices for a message than it was sent to. */
  differed(): void;
  /** So many devices got a message that had missed it. */
  caughtUp(devices: number): void;
  /** Devices that missed a message may never get it. */
  gaveUp(): void;
}

export interface MissedDevicesOptions {
  readonly devices: DeviceLists;
  readonly log: Log;
  readonly watch: MissedWatch;
  /** Asks WhatsApp who is in a group now. */
  askMembers(group: string): Promise<readonly string[] | undefined>;
}

/** For which devices a message was encrypted. */
interface FanOut {
  readonly jids: readonly string[];
  /** Its names: of a chat with a person with and without the device that sends, for clients differ in that. */
  readonly hashes: readonly string[];
}

interface Sent {
  readonly call: RelayCall;
  readonly people: readonly string[];
  readonly fanOut: FanOut;
  readonly at: number;
}

/** So many messages may wait for their ack. */
const KEPT = 1000;
/** The hashes of so many groups are kept for as long as no device of theirs changes. */
const GROUPS = 50;
/** A message is not sent after for longer than this (`getResendTimeoutInSeconds` of WhatsApp Web). */
const LATEST_MS = 5 * 60_000;
const TRIES = 3;
/** So many messages are seen to at once. */
const AT_ONCE = 50;

/**
 * WhatsApp's server answers a message with the hash of the devices that it should have gone to (`phash`), when that is another one than
 * that of those it went to. Baileys ignores it, so a device that was linked a minute ago, of the other person or of one's own, gets nothing of
 * the message. WhatsApp's own clients then ask for the devices anew, and send the message, under the same id, to those that were missed
 * (`WAWebSendUserMsgJob`, `WAWebResendUserMsg`, `WAWebResendGroupMsg`): so is it done here. Questions are asked outside the lock of all sending.
 *
 * Each message is sent after once; an answer that names no device that is not known is not acted on again.
 */
export class MissedDevices {
  readonly #sock: BaileysSocket;
  readonly #options: MissedDevicesOptions;
  readonly #sent = new Recent<Sent>(KEPT);
  readonly #groups = new Recent<{ readonly lists: readonly (readonly KnownDevice[])[]; readonly fanOut: FanOut }>(
    GROUPS,
  );
  /** By chat: hashes of the server and of ours, between which no device was found. */
  readonly #unexplained = new Recent<string>(KEPT);
  readonly #asking = new Map<string, Promise<string[]>>();
  /** What was sent to devices that had missed it. */
  readonly #sentAfter = new Recent<true>(KEPT);
  #atWork = 0;

  constructor(sock: BaileysSocket, options: MissedDevicesOptions) {
    this.#sock = sock;
    this.#options = options;
    const acks = sock.ws as unknown as EventEmitter;
    acks.prependListener('CB:ack,class:message', (stanza: BinaryNode) => this.#onAck(stanza));
    sock.ws.on('CB:notification,type:account_sync,devices', () => this.#forgetOwn());
  }

  /** Notes for whom a message is; its stanza to a group says so, as that of WhatsApp's own clients. Devices are known by then. */
  claim(call: RelayCall, people: readonly string[]): RelayCall {
    const [jid, message, options] = call;
    const { messageId, participant, statusJidList, additionalAttributes } = options;
    const revoked = revokedIn(message);
    if (revoked) this.#sent.delete(revoked);
    const isForSome = participant !== undefined || statusJidList !== undefined;
    if (!messageId || isForSome || isJidNewsletter(jid) || additionalAttributes?.['category'] === 'peer') return call;
    const fanOut = this.#fanOutOf(jid, people);
    if (!fanOut) return call;
    this.#sent.set(messageId, { call, people, fanOut, at: this.#options.devices.now() });
    const [phash = ''] = fanOut.hashes;
    if (!isJidGroup(jid)) return call;
    return [jid, message, { ...options, additionalAttributes: { ...additionalAttributes, phash } }];
  }

  #fanOutOf(jid: string, people: readonly string[]): FanOut | undefined {
    const lists: (readonly KnownDevice[])[] = [];
    for (const person of people) {
      const list = this.#options.devices.get<readonly KnownDevice[]>(jidDecode(person)?.user ?? '');
      if (!list) return undefined;
      lists.push(list);
    }
    if (!isJidGroup(jid)) return this.#fanOut(lists, people, false);
    const known = this.#groups.get(jid);
    const isSame = known?.lists.length === lists.length && lists.every((list, at) => known.lists[at] === list);
    if (known && isSame) return known.fanOut;
    const fanOut = this.#fanOut(lists, people, true);
    this.#groups.set(jid, { lists, fanOut });
    return fanOut;
  }

  #fanOut(lists: readonly (readonly KnownDevice[])[], people: readonly string[], isGroup: boolean): FanOut {
    const jids = lists.flatMap((list) =>
      list.map(({ user, server, device }) => jidEncode(user, server as never, device)),
    );
    const { id = '', lid } = this.#sock.authState.creds.me ?? {};
    const us = lid && people.some((person) => isLidUser(person)) ? lid : id;
    const [others, all] = [jids.filter((jid) => jid !== us && !(isGroup && isHosted(jid))), [us]];
    all.push(...others);
    return { jids: others, hashes: isGroup ? [deviceHash(all)] : [deviceHash(others), deviceHash(all)] };
  }

  /** Our own list has changed. Baileys only looks at the lists of others. */
  #forgetOwn(): void {
    const { id, lid } = this.#sock.authState.creds.me ?? {};
    for (const own of [id, lid]) this.#options.devices.del(jidDecode(own)?.user ?? '');
  }

  #onAck({ attrs }: BinaryNode): void {
    const { id = '', error, phash } = attrs;
    // Baileys would call a message failed that all others have.
    if (error && this.#sentAfter.has(id)) {
      delete attrs['error'];
      this.#options.watch.gaveUp();
    }
    const sent = this.#sent.get(id);
    this.#sent.delete(id);
    if (!sent || attrs['error'] || !phash || sent.fanOut.hashes.includes(phash)) return;
    const [chat] = sent.call;
    const difference = `${phash} ${sent.fanOut.hashes[0]}`;
    if (this.#unexplained.get(chat) === difference) return;
    const { watch } = this.#options;
    watch.differed();
    if (this.#atWork < AT_ONCE) this.#start(sent, difference);
    else watch.gaveUp();
  }

  #start(sent: Sent, difference: string): void {
    const { watch, log } = this.#options;
    const [chat, , { messageId: id }] = sent.call;
    this.#atWork += 1;
    void this.#catchUp(sent)
      .then((devices) => {
        if (devices === 0) this.#unexplained.set(chat, difference);
        else watch.caughtUp(devices);
      })
      .catch((error) => {
        watch.gaveUp();
        log.warn({ id, chat, err: sentence(error) }, 'devices that missed a message may never get it');
      })
      .finally(() => {
        this.#atWork -= 1;
      });
  }

  /** How many devices got the message now. */
  async #catchUp(sent: Sent): Promise<number> {
    const { devices } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        const missed = (await this.#devicesOf(sent)).filter((jid) => !sent.fanOut.jids.includes(jid));
        if (missed.length === 0 || devices.now() - sent.at > LATEST_MS) return 0;
        await this.#sock.assertSessions(missed);
        if (sent.call[2].messageId) this.#sentAfter.set(sent.call[2].messageId, true);
        await this.#send(sent, missed);
        return missed.length;
      } catch (error) {
        if (tries === TRIES || !isRuntimeError(error, 'UNAVAILABLE')) throw error;
      }
    }
  }

  /** Which devices a chat has now. All messages that are about the same chat wait for one answer. */
  #devicesOf({ call: [chat], people }: Sent): Promise<string[]> {
    const asked = this.#asking.get(chat);
    if (asked) return asked;
    const asking = this.#ask(chat, people).finally(() => this.#asking.delete(chat));
    this.#asking.set(chat, asking);
    return asking;
  }

  async #ask(chat: string, people: readonly string[]): Promise<string[]> {
    const isGroup = isJidGroup(chat);
    const now = (isGroup && (await this.#options.askMembers(chat))) || people;
    const found = await this.#sock.getUSyncDevices([...now], false, false);
    return found.map(({ jid }) => jid).filter((jid) => !(isGroup && isHosted(jid)));
  }

  /** As WhatsApp's own clients do: a copy for each device, and in a group the group's key with it. */
  async #send({ call: [jid, message, options] }: Sent, missed: string[]): Promise<void> {
    const { authState, sendNode, createParticipantNodes } = this.#sock;
    const { messageId: id = '', additionalAttributes, additionalNodes = [] } = options;
    const { creds, keys } = authState;
    const isGroup = isJidGroup(jid) === true;
    const mediatype = mediaTypeOf(message);
    const isHidden = stanzaTypeOf(message) === 'reaction' || message.pinInChatMessage;
    const enc = { ...(mediatype ? { mediatype } : {}), ...(isHidden ? { 'decrypt-fail': 'hide' } : {}) };
    const { messageContextInfo = null } = message;
    const own = isGroup ? undefined : { deviceSentMessage: { destinationJid: jid, message }, messageContextInfo };
    const token = isGroup ? [] : await this.#tokenFor(jid);
    const attrs = { id, to: jid, type: stanzaTypeOf(message), device_fanout: 'false', ...additionalAttributes };
    await keys.transaction(async () => {
      const content = isGroup ? await this.#withGroupKey(jid, message) : message;
      const made = await createParticipantNodes(missed, content, enc, own);
      const nodes: BinaryNode[] = [{ tag: 'participants', attrs: {}, content: made.nodes }];
      if (made.shouldIncludeDeviceIdentity && creds.account)
        nodes.push({ tag: 'device-identity', attrs: {}, content: encodeSignedDeviceIdentity(creds.account, true) });
      await sendNode({ tag: 'message', attrs, content: [...nodes, ...token, ...additionalNodes] });
    }, creds.me?.id ?? '');
  }

  /** Under the lock of sending, under which a group's key is thrown away, too: then the next message brings the new one. */
  async #withGroupKey(group: string, message: proto.IMessage): Promise<proto.IMessage> {
    const { signalRepository, authState } = this.#sock;
    const { id, lid } = authState.creds.me ?? {};
    const isThere = async (meId: string | undefined) => meId && (await signalRepository.hasSenderKey({ group, meId }));
    const meId = (await isThere(lid)) ? lid : (await isThere(id)) ? id : undefined;
    if (!meId) return message;
    const key = await signalRepository.getSenderKeyDistributionMessage({ group, meId });
    return { ...message, senderKeyDistributionMessage: { groupId: group, axolotlSenderKeyDistributionMessage: key } };
  }

  /** The token by which somebody lets us write. */
  async #tokenFor(jid: string): Promise<BinaryNode[]> {
    const { authState, signalRepository, serverProps } = this.#sock;
    if (!serverProps.privacyTokenOn1to1) return [];
    const lid = isLidUser(jid) ? jid : ((await signalRepository.lidMapping.getLIDForPN(jid)) ?? jid);
    const { token } = (await authState.keys.get('tctoken', [lid]))[lid] ?? {};
    return token?.length ? [{ tag: 'tctoken', attrs: {}, content: token }] : [];
  }
}

/** Devices of the cloud API read no groups. */
const isHosted = (jid: string): boolean => {
  const { server, device } = jidDecode(jid) ?? {};
  return device === 99 || server === 'hosted' || server === 'hosted.lid';
};

/** What a message revokes, which nobody has to catch up with. */
const revokedIn = ({ protocolMessage }: proto.IMessage): string | undefined => {
  const isRevoke = protocolMessage?.type === proto.Message.ProtocolMessage.Type.REVOKE;
  return isRevoke ? (protocolMessage.key?.id ?? undefined) : undefined;
};
