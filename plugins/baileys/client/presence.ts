import type { WAPresence } from '@whiskeysockets/baileys';
import type { ChatPresence, Presence } from 'waha-runtime/engine';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import type { Requests } from '../socket/requests.ts';

const toWhatsApp: Record<ChatPresence, WAPresence> = {
  typing: 'composing',
  recording: 'recording',
  paused: 'paused',
};

/** Shows others what we are doing. */
export class BaileysPresence implements Presence {
  readonly #requests: Requests;
  readonly #numbers: Pick<PhoneNumbers, 'jidOf'>;

  constructor(requests: Requests, numbers: Pick<PhoneNumbers, 'jidOf'>) {
    this.#requests = requests;
    this.#numbers = numbers;
  }

  async setChatState(chatId: string, state: ChatPresence): Promise<void> {
    const jid = await this.#numbers.jidOf(chatId);
    await this.#requests.call('the chat state', (sock) => sock.sendPresenceUpdate(toWhatsApp[state], jid));
  }

  setOnline(online: boolean): Promise<void> {
    return this.#requests.call('the presence', (sock) => sock.sendPresenceUpdate(online ? 'available' : 'unavailable'));
  }
}
