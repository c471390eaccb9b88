import { type BinaryNode, jidDecode, type proto, type WAMessageKey } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';

type Message = proto.IMessage | undefined;

/** So many messages may be asked for at once. */
const KEPT = 1000;

/**
 * When a phone could not decrypt a message of ours and asks for it again, Baileys sends it to everybody in the chat once more, and asks which
 * devices they have, of all members of a group, in the transaction that encrypts: while WhatsApp does not answer, nobody gets anything.
 * WhatsApp's own clients answer the device that asked (`WAWebHandleRetryRequest`), as Baileys does for every device but phones. So the message is
 * withheld from Baileys here, which still makes a new session, and is then sent to that phone.
 */
export class PhoneRetries {
  readonly #find: (id: string) => Promise<Message>;
  readonly #log: Log;
  /** How often each phone has asked for each message. */
  readonly #asked = new Recent<number>(KEPT);
  #sock: BaileysSocket | undefined;
  #recent: (chat: string, id: string) => Message = () => undefined;

  constructor(find: (id: string) => Promise<Message>, log: Log) {
    this.#find = find;
    this.#log = log;
  }

  attach(sock: BaileysSocket): void {
    this.#sock = sock;
    sock.ws.on('CB:receipt', (stanza: BinaryNode) => this.#onReceipt(stanza));
    const { messageRetryManager: manager } = sock;
    if (!manager) return;
    const recent = manager.getRecentMessage.bind(manager);
    this.#recent = (chat, id) => recent(chat, id)?.message;
    manager.getRecentMessage = (chat, id) => (this.#isAskedForByPhone(id) ? undefined : recent(chat, id));
  }

  /** Baileys' `getMessage`: nothing for a phone, which is answered when Baileys is done with its receipt. */
  async message(key: WAMessageKey): Promise<Message> {
    const { id, remoteJid, participant } = key;
    if (!id) return undefined;
    const message = (remoteJid && this.#recent(remoteJid, id)) || (await this.#find(id));
    const count = participant ? this.#asked.get(nameOf(id, participant)) : undefined;
    if (!participant || !remoteJid || count === undefined) return message;
    this.#asked.delete(nameOf(id, participant));
    const options = { messageId: id, participant: { jid: participant, count } };
    const answer = async (): Promise<void> => {
      if (message) await this.#sock?.relayMessage(remoteJid, message, options);
    };
    // Baileys holds the mutex until the session is there. After a failure the phone asks again.
    this.#sock?.receiptMutex.mutex(answer).catch((error: unknown) => {
      this.#log.debug({ id, error: sentence(error) }, 'a phone that asked for a message again was not answered');
    });
    return undefined;
  }

  #onReceipt({ attrs, content }: BinaryNode): void {
    const participant = attrs['participant'] ?? attrs['from'];
    if (attrs['type'] !== 'retry' || !participant || jidDecode(participant)?.device) return;
    const [retry, items] = ['retry', 'list'].map((tag) => childrenOf(content).find((child) => child.tag === tag));
    const ids = [attrs['id'], ...childrenOf(items?.content).map((item) => item.attrs['id'])];
    for (const id of ids) if (id) this.#asked.set(nameOf(id, participant), Number(retry?.attrs['count'] ?? 1));
  }

  #isAskedForByPhone(id: string): boolean {
    return this.#asked.size > 0 && this.#asked.keys().some((name) => name.startsWith(`${id} `));
  }
}

const childrenOf = (content: BinaryNode['content']): readonly BinaryNode[] => (Array.isArray(content) ? content : []);

const nameOf = (id: string, participant: string): string => `${id} ${participant}`;
