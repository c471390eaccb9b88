import { MessageCapping, ReachoutTimelock } from './account-limits.ts';
import { named, type Static, Type, type ValueOf } from './schema.ts';
import { SessionConfig } from './session-config.ts';

/** What a session's status says; docs/lifecycle.md lists the meanings. */
export const sessionStatuses = [
  'STOPPED',
  'STARTING',
  'SCAN_QR_CODE',
  'PASSKEY_REQUIRED',
  'PASSKEY_CONFIRMATION_REQUIRED',
  'WORKING',
  'FAILED',
] as const;
export type SessionStatus = (typeof sessionStatuses)[number];

/** The status of a session, as WAHA names it. */
export const SessionStatusSchema = Type.Enum([...sessionStatuses], { type: 'string' });

/** Why a session is not working, or is reconnecting. Stable: clients switch on it. */
export const statusReasons = [
  'network',
  'unavailable',
  'start_timeout',
  'restart_required',
  'qr_timeout',
  'passkey_refused',
  'passkey_timeout',
  'logged_out',
  'device_removed',
  'replaced',
  'banned',
  'locked',
  'client_outdated',
  'multidevice_mismatch',
  'wrong_phone_number',
  'bad_session',
  'corrupt_auth',
  'storage',
  'proxy',
  'deaf',
  'engine_error',
] as const;
export type StatusReason = (typeof statusReasons)[number];

/** Who is logged in. `id` in WAHA's form (`<phone>@c.us`), `jid` as WhatsApp has it, with the device. */
export const MeInfo = named(
  'MeInfo',
  Type.Object({
    id: Type.String({ examples: ['11111111111@c.us'] }),
    lid: Type.Optional(Type.String({ examples: ['123123@lid'] })),
    jid: Type.Optional(Type.String({ examples: ['11111111111:12@s.whatsapp.net'] })),
    pushName: Type.String(),
    reachoutTimelock: Type.Optional(ReachoutTimelock),
    messageCapping: Type.Optional(MessageCapping),
  }),
);
export type MeInfo = Static<typeof MeInfo>;

/**
 * A session's name becomes part of URLs and storage keys: letters, digits, `_`, `-`, `.`, at most 54 of them,
 * beginning with a letter or digit. `sessions` and `apps` would hide routes, so they are refused, too.
 */
export const sessionNamePattern = '^(?!(?:sessions|apps|\\.{1,2})$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,53}$';
/** The same in words. */
export const sessionNameRule = 'letters, digits, "_", "-" and ".", at most 54 of them, and not "sessions" or "apps"';

/** The schema of a session's name. */
export const SessionName = Type.String({
  pattern: sessionNamePattern,
  'x-rule': sessionNameRule,
  examples: ['default'],
});

/** True for a name that a session may have. */
export const isSessionName = (name: string): boolean => new RegExp(sessionNamePattern).test(name);

/** The account's phone has given no sign of life for long. WhatsApp unlinks its devices when it is offline for a fortnight. */
export const PhoneSilence = named(
  'PhoneSilence',
  Type.Object(
    {
      lastSeenAt: Type.Number({ description: 'When the phone gave its last sign of life (ms since the epoch)' }),
      unlinkExpectedAt: Type.Number({
        description: 'When WhatsApp will unlink this device if the phone stays offline (ms since the epoch)',
      }),
    },
    {
      description:
        'The phone has not given a sign of life for a long time; WhatsApp unlinks the devices of a phone that stays offline',
    },
  ),
);
export type PhoneSilence = ValueOf<typeof PhoneSilence>;

const reason = Type.Optional(
  Type.Enum([...statusReasons], { type: 'string', description: 'Why the session is FAILED or reconnects' }),
);
const note = Type.Optional(Type.String({ description: 'Further information about the reason, for people' }));

/** Why a session is not working, and whether that passes by itself. */
export const failureDetails = {
  reason,
  recoverable: Type.Optional(
    Type.Boolean({ description: 'Whether the session recovers without an action of the user' }),
  ),
  attempt: Type.Optional(
    Type.Integer({ description: 'The number of the current or next attempt to reconnect, from 1' }),
  ),
  nextRetryAt: Type.Optional(Type.Number({ description: 'When the next attempt begins (ms since the epoch)' })),
  note,
};

/** A status with the time it was entered. */
export const StatusPoint = named(
  'SessionStatusPoint',
  Type.Object({ status: SessionStatusSchema, timestamp: Type.Number({ description: 'ms since the epoch' }) }),
);
export type StatusPoint = ValueOf<typeof StatusPoint>;

/** One change of status, or of its reason, kept for `GET …/transitions`. */
export const Transition = named(
  'SessionTransition',
  Type.Object({
    status: SessionStatusSchema,
    timestamp: Type.Number({ description: 'When the status began, or its reason changed (ms)' }),
    reason,
    message: Type.Optional(Type.String()),
    note,
  }),
);
export type Transition = ValueOf<typeof Transition>;

/** A session as the API and the plugins see it: a copy, never live. */
export const SessionInfo = named(
  'SessionInfo',
  Type.Object({
    name: Type.String({ examples: ['default'] }),
    status: SessionStatusSchema,
    config: SessionConfig,
    me: Type.Union([MeInfo, Type.Null()]),
    engine: Type.Object({ engine: Type.String({ examples: ['NOWEB'] }) }),
    assignedWorker: Type.String({ description: 'The id of the process that runs the session' }),
    presence: Type.Union([Type.Enum(['online', 'offline'], { type: 'string' }), Type.Null()]),
    timestamps: Type.Object({ activity: Type.Union([Type.Number(), Type.Null()], { description: 'ms' }) }),
    ...failureDetails,
    phoneLastSeenAt: Type.Optional(
      Type.Number({
        description: "When the account's phone last gave a sign of life (ms): it wrote, confirmed or linked",
      }),
    ),
    phoneSilence: Type.Optional(PhoneSilence),
  }),
);
export type SessionInfo = Omit<ValueOf<typeof SessionInfo>, 'config'> & { readonly config: SessionConfig };

/** The payload of `session.status`. */
export const SessionStatusPayload = named(
  'WASessionStatusBody',
  Type.Object({
    name: Type.String(),
    status: SessionStatusSchema,
    statuses: Type.Array(StatusPoint, {
      description: 'The last three statuses, the oldest first, including the current one',
    }),
    data: Type.Unknown({
      description:
        'While WORKING `{reachoutTimelock}`, once more with `isActive: false` when it is over; `{messageCapping}` when the quota of new chats changed; `{phoneSilence}`, null once when it is over. `{scanAgain: true}` with SCAN_QR_CODE when WhatsApp has retired the code that was scanned',
    }),
    ...failureDetails,
  }),
);
export type SessionStatusPayload = ValueOf<typeof SessionStatusPayload>;

/** A code to scan, and until when it may be shown (ms since the epoch). */
export interface QrCode {
  readonly value: string;
  readonly expiresAt: number;
}

/** A code to type into the phone under "Link with phone number". */
export interface PairingCode {
  /** `ABCD-EFGH`. */
  readonly code: string;
  /** ms since the epoch; three minutes from now at most. */
  readonly expiresAt: number;
}
