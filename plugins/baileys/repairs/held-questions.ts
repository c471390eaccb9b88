import {
  isJidGroup,
  isJidNewsletter,
  isJidStatusBroadcast,
  isLidUser,
  jidDecode,
  jidNormalizedUser,
} from '@whiskeysockets/baileys';
import { isRuntimeError } from 'waha-runtime';
import { DeviceLists, type KnownDevice } from '../socket/device-lists.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MissedDevices } from './missed-devices.ts';

type Relay = BaileysSocket['relayMessage'];
type Devices = Awaited<ReturnType<BaileysSocket['getUSyncDevices']>>;

/** Members of a group by the names that the group knows them by. Rejects when they are not known and WhatsApp does not say. */
export type MembersOf = (group: string) => Promise<readonly string[] | undefined>;

/**
 * Baileys asks WhatsApp who is in a group, which devices people have, and for the keys of new ones, in the transaction that encrypts a message,
 * with the lock of all sending: while there is no answer about one person, nobody gets anything. Here all are asked for
 * before, so that Baileys finds all it needs; those who write to the same chat meanwhile wait for the same answer.
 *
 * When WhatsApp does not say which devices somebody has, the list of before is good enough, as it is for WhatsApp's own
 * clients, which keep theirs until they are told of a change.
 */
export const askBeforeSending = (
  sock: BaileysSocket,
  devices: DeviceLists,
  membersOf: MembersOf,
  missed: Pick<MissedDevices, 'claim'>,
): void => {
  goByWhatWasKnown(sock, devices);
  const relay = sock.relayMessage.bind(sock);
  const asking = new Map<string, Promise<void>>();
  sock.relayMessage = async (...call: Parameters<Relay>) => {
    const [jid, , { statusJidList, participant }] = call;
    if (participant || isJidNewsletter(jid)) return relay(...call);
    const people = statusJidList ?? (await peopleIn(sock, jid, membersOf));
    const unknown = people.filter((person) => !devices.isReady(userOf(person)));
    if (unknown.length > 0) {
      const answer = asking.get(jid) ?? ask(sock, devices, jid, unknown).finally(() => asking.delete(jid));
      asking.set(jid, answer);
      await answer;
    }
    return relay(...missed.claim(call, people));
  };
};

/** Whose devices get a message. */
const peopleIn = async (
  { authState }: BaileysSocket,
  jid: string,
  membersOf: MembersOf,
): Promise<readonly string[]> => {
  if (isJidStatusBroadcast(jid)) return [];
  if (isJidGroup(jid)) return (await membersOf(jid)) ?? [];
  const { id = '', lid } = authState.creds.me ?? {};
  return [jidNormalizedUser(isLidUser(jid) && lid ? lid : id), jid];
};

const ask = async (
  sock: BaileysSocket,
  devices: DeviceLists,
  jid: string,
  people: readonly string[],
): Promise<void> => {
  const found = await sock.getUSyncDevices([...people], true, false);
  noteWhoHasNone(devices, people, found);
  const without = await withoutOurKey(sock, jid, found);
  if (without.length > 0) await sock.assertSessions(without);
  for (const person of people) devices.ready(userOf(person));
};

/**
 * Baileys keeps no list for somebody whose answer has no device, so it would ask again in the lock. An answer may also name the account
 * otherwise than it was asked for, as with Brazil's ninth digit: those devices are the ones of the only person who has none.
 */
const noteWhoHasNone = (devices: DeviceLists, people: readonly string[], found: Devices): void => {
  const absent = people.map(userOf).filter((user) => !devices.isFresh(user));
  if (absent.length === 0) return;
  const asked = new Set(people.map(userOf));
  const others = found.filter(({ jid }) => !asked.has(userOf(jid)));
  if (others.length > 0 && absent.length > 1) return;
  const list = others.flatMap(({ jid }): KnownDevice[] => {
    const { user, server, device = 0 } = jidDecode(jid) ?? {};
    return user && server ? [{ user, server, device }] : [];
  });
  for (const user of absent) devices.set(user, list);
};

/** After a question about devices that nobody answered, for so long only those are asked about of whom nothing is known. */
const SILENT_MS = 60_000;

/** Questions about devices end with what was known before, where there is something, when WhatsApp does not answer. */
const goByWhatWasKnown = (sock: BaileysSocket, devices: DeviceLists): void => {
  const ask = sock.getUSyncDevices.bind(sock);
  let silentUntil = 0;
  sock.getUSyncDevices = async (jids, useCache, ignoreZeroDevices) => {
    const recalled = () => recall(sock, devices, jids);
    if (useCache && devices.now() < silentUntil) await recalled();
    try {
      return await ask(jids, useCache, ignoreZeroDevices);
    } catch (error) {
      if (!useCache || !isRuntimeError(error, 'UNAVAILABLE')) throw error;
      silentUntil = devices.now() + SILENT_MS;
      if (!(await recalled())) throw error;
      return ask(jids, useCache, ignoreZeroDevices);
    }
  };
};

/** Those that need a session with us: in a group all that have our key of it can do without. Never this device itself. */
const withoutOurKey = async ({ authState }: BaileysSocket, jid: string, found: Devices): Promise<string[]> => {
  const { creds, keys } = authState;
  const known = isJidGroup(jid) ? (await keys.get('sender-key-memory', [jid]))[jid] : undefined;
  const own = [creds.me?.id, creds.me?.lid];
  return found
    .map((device) => device.jid)
    .filter((device) => !known?.[device] && !own.includes(device) && !jidDecode(device)?.server.startsWith('hosted'));
};

/** Takes lists that are not fresh any more for fresh. False, and nothing is changed, when somebody has none. */
const recall = async (
  { authState: { keys } }: BaileysSocket,
  devices: DeviceLists,
  people: readonly string[],
): Promise<boolean> => {
  const old = people.filter((person) => !devices.isFresh(userOf(person)));
  const absent = old.filter((person) => !devices.has(userOf(person)));
  const stored = absent.length > 0 ? await keys.get('device-list', absent.map(userOf)) : {};
  if (absent.some((person) => !stored[userOf(person)]?.length)) return false;
  for (const person of absent) devices.set(userOf(person), listOf(person, stored[userOf(person)] ?? []));
  for (const person of old) devices.renew(userOf(person));
  return true;
};

const listOf = (person: string, numbers: readonly string[]): KnownDevice[] => {
  const { user = '', server = '' } = jidDecode(person) ?? {};
  return numbers.map((device) => ({ user, server, device: Number(device) }));
};

const userOf = (jid: string): string => jidDecode(jid)?.user ?? jid;
