import {
  type AppInfo,
  type LogoutReport,
  maskSecrets,
  mayDo,
  type Principal,
  type Reply,
  reply,
  type SessionInfo,
  type Static,
} from 'waha-runtime';
import type { LogoutAnswer, SessionDTO, SessionInfoSchema } from '../schemas/session.ts';

type Outlook = Pick<SessionInfo, 'reason' | 'recoverable' | 'note' | 'attempt' | 'nextRetryAt'>;
type Standing = Pick<SessionInfo, 'phoneLastSeenAt' | 'phoneSilence'>;

/** Only what there is: a session that works has no `reason`. */
const outlookOf = ({ reason, recoverable, note, attempt, nextRetryAt }: SessionInfo): Outlook => ({
  ...(reason === undefined ? {} : { reason }),
  ...(recoverable === undefined ? {} : { recoverable }),
  ...(note === undefined ? {} : { note }),
  ...(attempt === undefined ? {} : { attempt }),
  ...(nextRetryAt === undefined ? {} : { nextRetryAt }),
});

const standingOf = ({ phoneLastSeenAt, phoneSilence }: SessionInfo): Standing => ({
  ...(phoneLastSeenAt === undefined ? {} : { phoneLastSeenAt }),
  ...(phoneSilence === undefined ? {} : { phoneSilence }),
});

type Config = SessionInfo['config'];

/** How a config is shown to a caller. */
type View = (config: Config) => Config;

/** With `noweb.markOnline`, which clients of WAHA rely on. */
export const clearly: View = (config) => {
  const { noweb, ...rest } = config;
  return noweb ? { ...rest, noweb: { ...noweb, markOnline: noweb.markOnline ?? true } } : config;
};

const masked: View = (config) => clearly(maskSecrets(config));

/** Who may change a config sees its secrets, as in WAHA; everybody else sees masks in their place. */
export const viewOf = (principal: Principal): View => (mayDo(principal, 'setting') ? clearly : masked);

/**
 * A session in lists and on its own. The config goes out as it came in, to some without its secrets: WAHA's clients change a field and
 * PUT the rest back, and a mask that comes back means unchanged.
 */
export const presentInfo = (
  session: SessionInfo,
  apps: readonly AppInfo[] | null,
  shown: View,
): Static<typeof SessionInfoSchema> => ({
  name: session.name,
  status: session.status,
  config: shown(session.config),
  me: session.me,
  engine: session.engine,
  assignedWorker: session.assignedWorker,
  presence: session.presence,
  timestamps: session.timestamps,
  ...(apps ? { apps: [...apps] } : {}),
  ...outlookOf(session),
  ...standingOf(session),
});

const texts = new WeakMap<SessionInfo, string>();

const textOf = (session: SessionInfo): string => {
  const text = texts.get(session) ?? JSON.stringify(presentInfo(session, null, clearly));
  texts.set(session, text);
  return text;
};

/**
 * A list of sessions as JSON, for whoever may see all of them. It is made anew when another session is in it, or one that changed: an info is the same
 * object for as long as nothing of it does. The text of a session that has not changed is not made anew even then.
 */
export class SessionsAsJson {
  #sessions: readonly SessionInfo[] = [];
  #reply = listReply(this.#sessions);

  of(sessions: readonly SessionInfo[]): Reply {
    if (!isSameList(sessions, this.#sessions)) {
      this.#sessions = sessions;
      this.#reply = listReply(sessions);
    }
    return this.#reply;
  }
}

const isSameList = (one: readonly SessionInfo[], other: readonly SessionInfo[]): boolean =>
  one.length === other.length && one.every((session, index) => session === other[index]);

const listReply = (sessions: readonly SessionInfo[]): Reply =>
  reply({ body: Buffer.from(`[${sessions.map(textOf).join()}]`), contentType: 'application/json; charset=utf-8' });

/** What a command on a session answers. */
export const presentSession = (session: SessionInfo, shown: View): Static<typeof SessionDTO> => ({
  name: session.name,
  status: session.status,
  config: shown(session.config),
  ...outlookOf(session),
});

/** What a logout answers: the session, and whether WhatsApp was told. */
export const presentLogout = ({ session, remote }: LogoutReport, shown: View): Static<typeof LogoutAnswer> => ({
  ...presentSession(session, shown),
  remote,
});
