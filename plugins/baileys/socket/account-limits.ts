import type { ConnectionState } from '@whiskeysockets/baileys';
import {
  type Client,
  type MessageCapping,
  type ReachoutTimelock,
  type RuntimeError,
  whatsAppRefused,
} from 'waha-runtime';
import { accountLimited, type Restriction, timelockOf } from 'waha-runtime/engine';
import type { GraphQueries } from '../config.ts';
import { askGraph } from './graph-queries.ts';
import type { Requests } from './requests.ts';
import type { BaileysSocket } from './socket.ts';

/** Refusals of a message that say that the account is limited. */
const RESTRICTED = '463';
const CAPPED = '475';

/** How long whoever sent a message waits for the end of the limit that refused it (ms). */
const PATIENCE_MS = 3000;

/** WhatsApp Web takes so long a lock when WhatsApp tells of one without its end (ms). */
const UNSAID_LOCK_MS = 60_000;

/** Which quota WhatsApp Web asks for. Phones and Baileys ask for `INDIVIDUAL_NEW_CHAT_MSG`. */
const NEW_CHATS = 'INDIVIDUAL_NEW_CHAT_THREAD';

export interface LimitsOptions {
  readonly requests: Requests;
  readonly queries: GraphQueries;
  now(): number;
}

/** Hears what is learned of the limits. */
export interface LimitsListener {
  restriction(restriction: Restriction | null): void;
  capping(capping: MessageCapping): void;
}

/** WhatsApp's limits of the account: told by it, asked for, and asked for again when it refuses a message for one. */
export class AccountLimits implements NonNullable<Client['limits']> {
  readonly #options: LimitsOptions;
  #listener: LimitsListener | undefined;
  /** When the server wrote the newest word on the quota (s): an older one is none. */
  #cappingSentAt = 0;

  constructor(sock: BaileysSocket, options: LimitsOptions) {
    this.#options = options;
    sock.ev.on('connection.update', ({ reachoutTimeLock }) => {
      if (reachoutTimeLock) this.#listener?.restriction(this.#restrictionOf(reachoutTimeLock));
    });
    sock.ev.on('message-capping.update', (raw) => void this.#noteCapping(raw as RawCapping));
  }

  /** From here on it hears. */
  tell(listener: LimitsListener): void {
    this.#listener = listener;
  }

  async timelock(): Promise<ReachoutTimelock> {
    return timelockOf(await this.#askRestriction());
  }

  async capping(): Promise<MessageCapping> {
    const found = await this.#ask('capping', 'xwa2_message_capping_info', { input: { type: NEW_CHATS } });
    if (typeof found !== 'object' || found === null) throw whatsAppRefused('the quota of new chats: it says nothing');
    return this.#noteCapping(found as RawCapping);
  }

  /** What a refused message means. A limit says until when, if WhatsApp says it soon. */
  async refusal(code: string): Promise<RuntimeError> {
    if (code === RESTRICTED) {
      const restriction = await soon(this.#askRestriction());
      return accountLimited('reachout_timelock', restriction?.timeEnforcementEnds ?? null);
    }
    if (code === CAPPED) {
      const capping = await soon(this.capping());
      return accountLimited('message_capping', capping?.cycleEnd == null ? null : capping.cycleEnd * 1000);
    }
    return whatsAppRefused('the message', code);
  }

  async #askRestriction(): Promise<Restriction | null> {
    const found = (await this.#ask('timelock', 'xwa2_fetch_account_reachout_timelock', {})) as RawTimelock | null;
    const ends = secondsIn(found?.time_enforcement_ends);
    const restriction =
      found?.is_active === true
        ? {
            timeEnforcementEnds: ends === null ? null : ends * 1000,
            enforcementType: found.enforcement_type ?? null,
          }
        : null;
    this.#listener?.restriction(restriction);
    return restriction;
  }

  #ask(query: 'timelock' | 'capping', path: string, variables: object): Promise<unknown> {
    const what = 'what the account may do';
    const { requests, queries } = this.#options;
    return requests.call(what, (sock) => askGraph(sock, { id: queries[query], path, what }, variables));
  }

  #noteCapping(raw: RawCapping): MessageCapping {
    const capping = cappingOf(raw);
    const sentAt = secondsIn(raw.server_sent_timestamp) ?? this.#options.now() / 1000;
    if (sentAt < this.#cappingSentAt) return capping;
    this.#cappingSentAt = sentAt;
    this.#listener?.capping(capping);
    return capping;
  }

  /** What Baileys tells of it, in our words; null when there is none. */
  #restrictionOf(lock: NonNullable<ConnectionState['reachoutTimeLock']>): Restriction | null {
    if (!lock.isActive) return null;
    const ends = lock.timeEnforcementEnds?.getTime() ?? this.#options.now() + UNSAID_LOCK_MS;
    return { timeEnforcementEnds: ends, enforcementType: lock.enforcementType ?? null };
  }
}

/** WhatsApp's forms: numbers and seconds are texts or numbers. */
interface RawTimelock {
  readonly is_active?: boolean | null;
  readonly time_enforcement_ends?: string | number | null;
  readonly enforcement_type?: string | null;
}

interface RawCapping {
  readonly total_quota?: string | number | null;
  readonly used_quota?: string | number | null;
  readonly cycle_start_timestamp?: string | number | null;
  readonly cycle_end_timestamp?: string | number | null;
  readonly server_sent_timestamp?: string | number | null;
  readonly capping_status?: string | null;
  readonly mv_status?: string | null;
  readonly ote_status?: string | null;
}

const cappingOf = (raw: RawCapping): MessageCapping => {
  const total = Number(raw.total_quota ?? -1);
  const used = Number(raw.used_quota ?? 0);
  return {
    cappingStatus: raw.capping_status ?? null,
    totalQuota: total,
    usedQuota: total < 0 ? used : Math.min(used, total),
    cycleStart: secondsIn(raw.cycle_start_timestamp),
    cycleEnd: secondsIn(raw.cycle_end_timestamp),
    mvStatus: raw.mv_status ?? null,
    oteStatus: raw.ote_status ?? null,
  };
};

/** Zero is WhatsApp's word for no time. */
const secondsIn = (text: string | number | null | undefined): number | null => Number(text ?? 0) || null;

/** What it resolves to, if it does so soon. */
const soon = <T>(promise: Promise<T>): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, null);
  });
  return Promise.race([promise.catch(() => null), late]).finally(() => clearTimeout(timer));
};
