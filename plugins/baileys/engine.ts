import type { MetricSource } from 'waha-runtime';
import type { AccountMoving, Engine, EngineConnection, EngineInput } from 'waha-runtime/engine';
import { BaileysConnection, type ConnectionOptions } from './connection/connection.ts';
import { IgnoredMessages } from './inbound/ignored.ts';
import { sounds } from './media/sound-thread.ts';
import { acceptAccount, giveAccount } from './moving/account.ts';
import { acceptLibrary } from './moving/library.ts';
import { Recent } from './recent.ts';
import { GateFigures } from './repairs/gate-figures.ts';
import { MissedFigures } from './repairs/missed-figures.ts';

const SESSIONS = 2000;
const PUBLISHED_PER_SESSION = 500;

export type EngineOptions = Omit<ConnectionOptions, 'published' | 'ignored' | 'gateWatch' | 'missedWatch'>;

/** WhatsApp Web through Baileys. WAHA calls this engine NOWEB: it needs no browser. */
export class BaileysEngine implements Engine {
  readonly name = 'NOWEB';
  readonly moving: AccountMoving = { accept: acceptAccount, acceptLibrary, give: giveAccount };
  readonly #options: EngineOptions;
  /** What all sessions of this engine got and have no event for. */
  readonly ignored = new IgnoredMessages();
  readonly gate = new GateFigures();
  readonly missed = new MissedFigures();
  readonly metrics: readonly MetricSource[] = [this.ignored, this.gate, this.missed, sounds];
  readonly #published = new Recent<Recent<true>>(SESSIONS);

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  open(input: EngineInput): EngineConnection {
    return new BaileysConnection(
      {
        ...this.#options,
        ignored: this.ignored,
        gateWatch: this.gate,
        missedWatch: this.missed,
        published: (session) => this.#publishedOf(session),
      },
      input,
    );
  }

  #publishedOf(session: string): Recent<true> {
    const published = this.#published.get(session) ?? new Recent<true>(PUBLISHED_PER_SESSION);
    this.#published.set(session, published);
    return published;
  }
}
