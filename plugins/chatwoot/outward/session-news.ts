import type { RuntimeEvent } from 'waha-runtime';
import type { Texts } from '../texts/texts.ts';
import type { Parties } from './parties.ts';
import type { PostOnce } from './post-once.ts';

const emojis: Readonly<Record<string, string>> = {
  WORKING: '🟢',
  SCAN_QR_CODE: '🟡',
  PASSKEY_REQUIRED: '🟡',
  PASSKEY_CONFIRMATION_REQUIRED: '🟡',
  STARTING: '🟡',
  STOPPED: '⚪',
  FAILED: '🔴',
};

/** The sign before a status. */
export const emojiOf = (status: string): string => emojis[status] ?? '⚪';

interface NewsParts {
  readonly session: string;
  readonly posts: PostOnce;
  readonly parties: Parties;
  readonly texts: Texts;
}

/** Tells agents, in the conversation with the session itself, what became of it. */
export class SessionNews {
  readonly #parts: NewsParts;
  #told: string | null = null;

  constructor(parts: NewsParts) {
    this.#parts = parts;
  }

  /** What passes by itself is not told, and a status that is told again because its code changed is told once. */
  async status(eventId: string, { status }: RuntimeEvent<'session.status'>['payload']): Promise<void> {
    if (status === 'STARTING' || status === this.#told) return;
    const { session, texts, parties, posts } = this.#parts;
    const change = texts.of('app.session.status.change', { emoji: emojiOf(status), session, status });
    const hint = status === 'SCAN_QR_CODE' ? `\n\n${texts.of('app.session.scan.qr.code')}` : '';
    const content = `${change}${hint}`;
    await posts.post(parties.ofSession(), { content, type: 'incoming', sourceId: eventId, whatsapp: eventId });
    this.#told = status;
  }
}
