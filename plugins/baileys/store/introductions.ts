import { isJidGroup } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import type { BaileysSocket } from '../connection/socket-options.ts';
import { chatIdOf } from '../ids.ts';
import type { OtherNames } from '../inbound/other-names.ts';
import { Recent } from '../recent.ts';
import type { Memory } from './memory.ts';
import { pairOf } from './stored-message.ts';

const CHATS = 2000;

export interface IntroductionParts {
  readonly sock: BaileysSocket;
  readonly memory: Memory;
  readonly names: OtherNames;
  readonly log: Log;
}

/** Finds out who a chat is with, once in a connection: the other name of a person, the subject of a group. */
export class Introductions {
  readonly #parts: IntroductionParts;
  readonly #known = new Recent<true>(CHATS);

  constructor(parts: IntroductionParts) {
    this.#parts = parts;
  }

  /** There is something in this chat. */
  chat(jid: string): void {
    const { memory, log } = this.#parts;
    if (!memory.library || this.#known.has(jid)) return;
    const asked = isJidGroup(jid) ? this.#group(jid) : this.#person(jid);
    asked.catch((error) => log.debug({ err: sentence(error) }, 'nothing was found out about a chat'));
  }

  /** The first message to somebody comes before WhatsApp has said who it is, so it is asked again at the next. */
  async #person(jid: string): Promise<void> {
    const { memory, names } = this.#parts;
    const lids = pairOf(jid, await names.of(jid));
    if (lids.length === 0) return;
    this.#known.set(jid, true);
    await memory.learn({ lids });
  }

  async #group(jid: string): Promise<void> {
    const { memory, sock } = this.#parts;
    this.#known.set(jid, true);
    const id = chatIdOf(jid);
    const [chat] = (await memory.library?.chats({ ids: [id] })) ?? [];
    if (chat?.name) return;
    const { subject } = await sock.groupMetadata(jid);
    if (subject) await memory.learn({ chats: [{ id, name: subject }] });
  }
}
