/** What the API answers, as far as the pages show it. All times are in ms unless they say otherwise. */

export const statuses = [
  'WORKING',
  'SCAN_QR_CODE',
  'PASSKEY_REQUIRED',
  'PASSKEY_CONFIRMATION_REQUIRED',
  'STARTING',
  'FAILED',
  'STOPPED',
] as const;
export type Status = (typeof statuses)[number];

export interface Account {
  readonly id: string;
  readonly pushName?: string;
  /** Until when, in seconds since the epoch. */
  readonly reachoutTimelock?: { readonly isActive: boolean; readonly timeEnforcementEnds: number | null };
}

/** Why a session does not work, and what becomes of it. */
export interface Outlook {
  readonly reason?: string;
  readonly note?: string;
  readonly recoverable?: boolean;
  readonly attempt?: number;
  readonly nextRetryAt?: number;
}

export interface Session extends Outlook {
  readonly name: string;
  readonly status: Status;
  readonly me: Account | null;
  readonly config: Readonly<Record<string, unknown>>;
  readonly engine?: { readonly engine: string };
  readonly timestamps?: { readonly activity: number | null };
  readonly phoneSilence?: { readonly lastSeenAt: number; readonly unlinkExpectedAt: number };
}

export interface Transition {
  readonly status: Status;
  readonly timestamp: number;
  readonly reason?: string;
  readonly message?: string;
  readonly note?: string;
}

/** A frame of `/ws`: an event with its cursor. */
export interface Frame {
  readonly id?: string;
  readonly event: string;
  readonly session: string;
  readonly timestamp: number;
  readonly cursor: number;
  readonly me?: Account | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Media {
  readonly url?: string | null;
  readonly mimetype?: string | null;
  readonly filename?: string | null;
  readonly error?: unknown;
}

export interface Message {
  readonly id: string;
  /** Seconds. */
  readonly timestamp: number;
  readonly from: string;
  readonly fromAlt?: string;
  readonly to?: string | null;
  readonly fromMe: boolean;
  readonly participant?: string | null;
  readonly body?: string | null;
  readonly hasMedia: boolean;
  readonly media?: Media | null;
  readonly ack: number;
  readonly replyTo?: { readonly id: string; readonly participant?: string; readonly body?: string } | null;
  readonly location?: { readonly latitude: string; readonly longitude: string } | null;
  readonly vCards?: readonly string[] | null;
}

export interface ChatSummary {
  readonly id: string;
  readonly name: string | null;
  readonly lastMessage: Message | null;
  readonly _chat?: { readonly unreadCount?: number };
}

export interface Endpoint {
  readonly id: string;
  readonly plugin: string;
  readonly session: string | null;
  readonly url: string;
  readonly events: readonly string[];
  readonly state: 'active' | 'degraded' | 'disabled';
  readonly reason: string | null;
  readonly paused: boolean;
  readonly queued: number;
  readonly inFlight: number;
  readonly failures: number;
  readonly failingSince: number | null;
  readonly lastSuccessAt: number | null;
  readonly lastFailureAt: number | null;
  readonly signed: boolean;
  readonly retries: { readonly policy: string; readonly delaySeconds: number; readonly attempts: number };
  readonly order: string;
}

export const deliveryStatuses = ['pending', 'delivered', 'dead', 'dropped'] as const;

export interface Delivery {
  readonly id: string;
  readonly endpoint: string;
  readonly session: string;
  readonly event: string;
  readonly eventId: string;
  readonly status: (typeof deliveryStatuses)[number];
  readonly attempts: number;
  readonly nextAttemptAt: number | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}

export interface DeliveryDetails extends Delivery {
  readonly log: readonly {
    readonly at: number;
    readonly durationMs: number;
    readonly status: number | null;
    readonly error: string | null;
  }[];
  readonly body: unknown;
}

export interface Health {
  readonly status: 'ok' | 'error';
  readonly details: Readonly<Record<string, { readonly status: 'up' | 'down' } & Readonly<Record<string, unknown>>>>;
}

export interface PluginInfo {
  readonly name: string;
  readonly from: string;
  readonly order: number;
  readonly state: 'ready' | 'suspended' | 'failed' | 'closed';
  readonly setupMs: number;
  readonly error?: string;
}

export interface SandboxPhone {
  readonly number: string;
  readonly name: string;
  readonly devices: readonly {
    readonly id: number;
    readonly os: string;
    readonly online: boolean;
    readonly linkedAt: number;
  }[];
}

export interface SandboxContact {
  readonly number: string;
  readonly name: string;
  readonly messages: number;
}

export interface SandboxMessage {
  readonly id: string;
  readonly from: string;
  readonly text: string | null;
}

export interface ApiKey {
  readonly id: string;
  readonly key?: string;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  readonly session?: string | null;
  readonly actions?: Readonly<Record<string, boolean>> | null;
}

export interface App {
  readonly id: string;
  readonly session: string;
  readonly app: string;
  readonly enabled?: boolean;
  readonly config: unknown;
}
