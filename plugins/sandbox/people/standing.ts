import { notify } from '../delivery/notify.ts';
import { node } from '../wire/nodes.ts';
import type { Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** A lock on writing to new people. `until` is milliseconds since 1970. */
export interface Timelock {
  readonly active: boolean;
  readonly until?: number;
  readonly type?: string;
  /** Linked devices are not told. */
  readonly silent?: boolean;
}

/** The quota of new chats. Times are milliseconds since 1970. */
export interface Quota {
  readonly status?: string;
  readonly total: number;
  readonly used?: number;
  readonly cycleStart?: number;
  readonly cycleEnd?: number;
  /** Linked devices are not told. */
  readonly silent?: boolean;
}

/** What is kept of it over a restart. */
export interface SavedStanding {
  readonly lock?: Timelock;
  readonly quota?: Quota;
}

const RESTRICTED = 463;
const CAPPED = 475;

/** How an account stands with WhatsApp: what it may not do to people whom it has no chat with (docs/protocol.md, "Limits"). */
export class Standing {
  readonly #world: World;
  readonly #person: Person;
  #lock: Timelock = { active: false };
  #quota: Quota = { total: -1 };

  constructor(world: World, person: Person) {
    this.#world = world;
    this.#person = person;
  }

  get saved(): SavedStanding {
    return { lock: this.#lock, quota: this.#quota };
  }

  restore({ lock, quota }: SavedStanding): void {
    if (lock) this.#lock = lock;
    if (quota) this.#quota = quota;
  }

  lock(lock: Timelock): void {
    this.#lock = lock;
    this.#keep();
    if (!lock.silent)
      this.#tell('NotificationUserReachoutTimelockUpdate', { xwa2_notify_account_reachout_timelock: this.timelock });
  }

  cap(quota: Quota): void {
    this.#quota = quota;
    this.#keep();
    if (!quota.silent) this.#tellQuota();
  }

  /** What a client is told that asks for the lock. */
  get timelock(): object {
    const { active, until, type } = this.#lock;
    return {
      is_active: active,
      ...(until === undefined ? {} : { time_enforcement_ends: seconds(until) }),
      ...(type === undefined ? {} : { enforcement_type: type }),
    };
  }

  /** What a client is told that asks for the quota. */
  get capping(): object {
    const { total, used = 0, cycleStart, cycleEnd } = this.#quota;
    return {
      total_quota: total,
      used_quota: used,
      cycle_start_timestamp: seconds(cycleStart),
      cycle_end_timestamp: seconds(cycleEnd),
      server_sent_timestamp: seconds(this.#world.clock.now()),
      ote_status: 'NOT_ELIGIBLE',
      mv_status: 'NOT_ELIGIBLE',
      capping_status: this.#isUsedUp ? 'CAPPED' : (this.#quota.status ?? 'NONE'),
    };
  }

  /** A first message to somebody: the error it is refused with, or nothing, and then it counts. */
  beginChat(): number | undefined {
    const { active, until = Number.POSITIVE_INFINITY } = this.#lock;
    if (active && until > this.#world.clock.now()) return RESTRICTED;
    if (this.#isUsedUp) return CAPPED;
    if (this.#quota.total < 0) return undefined;
    this.#quota = { ...this.#quota, used: (this.#quota.used ?? 0) + 1 };
    this.#keep();
    this.#tellQuota();
    return undefined;
  }

  get #isUsedUp(): boolean {
    const { total, used = 0, status, cycleEnd = Number.POSITIVE_INFINITY } = this.#quota;
    return cycleEnd > this.#world.clock.now() && (status === 'CAPPED' || (total >= 0 && used >= total));
  }

  #keep(): void {
    this.#world.journal?.mark('phone', this.#person.number, () => this.saved);
  }

  #tellQuota(): void {
    const update = { xwa2_notify_new_chat_messages_capping_info_update: this.capping };
    this.#tell('MessageCappingInfoNotification', update);
  }

  #tell(operation: string, data: object): void {
    const update = node('update', { op_name: operation }, Buffer.from(JSON.stringify({ data })));
    for (const device of this.#person.devices.values()) notify(this.#world, device, 'mex', [update]);
  }
}

const seconds = (milliseconds: number | undefined): string => String(Math.floor((milliseconds ?? 0) / 1000));
