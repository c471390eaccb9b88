import { isJidGroup, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import { Remembered } from '../credentials/remembered.ts';
import { numberOf } from '../json-safe.ts';
import { contentOf, contextOf } from '../messages/content.ts';
import { chatIdOf, kindOfChat } from '../messages/ids.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { Groups } from './groups/groups.ts';
import type { LidMappings } from './lid-mappings.ts';

interface Timer {
  /** Seconds; 0: messages stay. */
  readonly expiration: number;
  /** When it was set, or known to hold (seconds). */
  readonly at: number;
}

export interface ChatTimersOptions {
  readonly auth: Pick<AuthState, 'keys'>;
  readonly names: LidMappings;
  readonly groups: Groups;
}

/**
 * How long the messages of a chat live. A message that does not say so stays for ever in a chat where others disappear, and
 * phones remark on it. WhatsApp says it in the history, in messages, when somebody changes it, and of groups.
 */
export class ChatTimers {
  readonly #options: ChatTimersOptions;
  readonly #timers: Remembered<Timer>;

  constructor({ ev }: Pick<BaileysSocket, 'ev'>, options: ChatTimersOptions) {
    this.#options = options;
    this.#timers = new Remembered(options.auth, 'waha-chat-timer');
    const learn = (chats: readonly ChatNews[]): void => {
      for (const { id, ephemeralExpiration, ephemeralSettingTimestamp } of chats) {
        if (!id || ephemeralExpiration === undefined) continue;
        this.learn(id, numberOf(ephemeralExpiration), numberOf(ephemeralSettingTimestamp));
      }
    };
    ev.on('chats.update', learn);
    ev.on('chats.upsert', learn);
  }

  /** In seconds; 0: for ever. */
  async of(jid: string): Promise<number> {
    if (isJidGroup(jid)) return (await this.#options.groups.of(jid))?.expiration ?? 0;
    if (kindOfChat(jid) !== 'person') return 0;
    return (await this.#latest(jid))?.expiration ?? 0;
  }

  /** A message came, or was written on another device of ours. */
  heard(raw: RawMessage): void {
    const { remoteJid } = raw.key;
    if (!remoteJid || kindOfChat(remoteJid) !== 'person') return;
    const { expiration, ephemeralSettingTimestamp } = contextOf(contentOf(raw)) ?? {};
    if (!expiration) return;
    this.learn(remoteJid, expiration, numberOf(ephemeralSettingTimestamp) || numberOf(raw.messageTimestamp));
  }

  /** What was set later holds. */
  learn(jid: string, expiration: number, at: number): void {
    void this.#latest(jid).then((known) => {
      if (known && (known.at > at || known.expiration === expiration)) return;
      this.#timers.set(chatIdOf(jid), { expiration, at });
    });
  }

  /** A person's chat may go by the number or by the hidden id. */
  async #latest(jid: string): Promise<Timer | undefined> {
    const ids = await this.#options.names.idsOf([jid]);
    const found = await Promise.all(ids.map((id) => this.#timers.get(id)));
    return found.reduce((one, other) => ((other?.at ?? -1) > (one?.at ?? -1) ? other : one), undefined);
  }
}

interface ChatNews {
  readonly id?: string | null;
  readonly ephemeralExpiration?: unknown;
  readonly ephemeralSettingTimestamp?: unknown;
}
