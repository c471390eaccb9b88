import type { EventEmitter } from 'node:events';
import { type BinaryNode, jidNormalizedUser, type WAMessage } from '@whiskeysockets/baileys';
import { notOnWhatsApp } from 'waha-runtime/engine';
import { Recent } from '../recent.ts';
import type { Requests } from '../socket/requests.ts';
import { findContacts } from '../socket/user-sync.ts';

const KEPT = 2000;

/**
 * Who is behind a username. A name may pass to somebody else, so nothing of it outlives the connection, and whoever is about to
 * be written to is asked about anew.
 */
export class Usernames {
  readonly #requests: Pick<Requests, 'call'>;
  readonly #known = new Recent<string>(KEPT);
  readonly #names = new Recent<string>(KEPT);

  constructor(requests: Pick<Requests, 'call'>) {
    this.#requests = requests;
  }

  /** A stanza said so. */
  note(username: string | null | undefined, jid: string | null | undefined): void {
    if (!username || !jid) return;
    const person = jidNormalizedUser(jid);
    this.#known.set(username.toLowerCase(), person);
    this.#names.set(person, username);
  }

  /**
   * Reads who has which name from the stanzas of messages (`WAWebHandleMsgParser`): of the sender, of the member of a group that writes, and of
   * whom a copy of our own message went to. Baileys does not read the first one.
   * Gives what writes the names into the key of a message, where it lacks them.
   */
  listen(stanzas: EventEmitter): (raw: WAMessage) => WAMessage {
    stanzas.on('CB:message', ({ attrs }: BinaryNode) => {
      this.note(attrs['username'], attrs['participant'] ?? attrs['from']);
      this.note(attrs['participant_username'], attrs['participant']);
      this.note(attrs['peer_recipient_username'] ?? attrs['recipient_username'], attrs['recipient']);
    });
    return (raw) => {
      const { key } = raw;
      const [chat, author] = [this.of(key.remoteJid), this.of(key.participant)];
      if (chat) key.remoteJidUsername ??= chat;
      if (author) key.participantUsername ??= author;
      return raw;
    };
  }

  /** How somebody was last called; undefined when no stanza of this connection said so. */
  of(jid: string | null | undefined): string | undefined {
    return jid ? this.#names.get(jidNormalizedUser(jid)) : undefined;
  }

  /** Who was last known by this name; else whom WhatsApp knows by it. Rejects with `NOT_ON_WHATSAPP` when nobody is. */
  async jidOf(username: string, field: string): Promise<string> {
    return this.#known.get(username) ?? this.find(username, field);
  }

  /** Whom WhatsApp knows by this name now. */
  async find(username: string, field: string): Promise<string> {
    const [found] = await this.#requests.call('the username', (sock) => findContacts(sock, [{ username }]));
    if (!found) {
      this.#known.delete(username);
      throw notOnWhatsApp(field, username);
    }
    this.note(username, found.jid);
    return jidNormalizedUser(found.jid);
  }
}
