/**
 * What every plugin may import from `waha-runtime`, by who needs it. An engine has more in `waha-runtime/engine`, a storage driver in
 * `waha-runtime/storage`.
 */

// Every plugin

export type { Log } from './contracts/log.ts';
export type { Directory, Ownership, OwnershipProvider, SessionHost } from './contracts/ownership.ts';
export { type Contribution, definePlugin, type Heard, type Plugin, type PluginContext } from './contracts/plugin.ts';
export { named, type Static, secret, type TSchema, Type } from './contracts/schema.ts';
export type { PluginStorage } from './contracts/stores.ts';
export { type Token, token } from './contracts/token.ts';
export { Points, Tokens } from './tokens.ts';

// Who answers with an error

export { type FileError, type FileFault, fileError, fileFaults, isFileError } from './contracts/files.ts';
export { type Egress, isEgressError, type Proxies, type ProxyAddress, proxyAddress } from './contracts/network.ts';
export {
  badRequest,
  configInvalid,
  conflict,
  fileTooLarge,
  forbidden,
  idempotencyConflict,
  isRuntimeError,
  notFound,
  notImplementedByEngine,
  pluginFailed,
  RuntimeError,
  sentence,
  sessionElsewhere,
  sessionExists,
  tooManyRequests,
  unauthorized,
  unavailable,
  unprocessable,
  whatsAppRefused,
} from './errors.ts';

// Who checks input

export { keepMasked, maskBy, maskSecrets, secretMask } from './config/masked-secrets.ts';
export { type Checked, compile, didYouMean, type Violation } from './config/validate.ts';

// Who listens to events, keeps them or sends them on

export { type EventName, type EventSelector, eventNames, selects } from './contracts/event-names.ts';
export { type EventPayloads, eventSchema } from './contracts/event-payloads.ts';
export type {
  EventFilter,
  EventLog,
  EventSink,
  LoggedEvent,
  RuntimeEvent,
  UncommittedEvent,
} from './contracts/events.ts';
export { ackNames, Identity, type WAMedia, WAMessage } from './contracts/message.ts';
export { followLog, forgetFollower, LogFollower } from './events/follow.ts';

// Who commands sessions, or lets them move

export { MessageCapping, ReachoutTimelock } from './contracts/account-limits.ts';
export type { Backups } from './contracts/backups.ts';
export type { ChatStates } from './contracts/chats-writing.ts';
export { type Client, NumberStatus } from './contracts/client.ts';
export type { ClientCall, ClientPolicy } from './contracts/client-policy.ts';
export { GroupParticipant } from './contracts/group-events.ts';
export type { GroupSetting, Groups } from './contracts/groups.ts';
export { Label, labelColors } from './contracts/labels.ts';
export type { Changes } from './contracts/message-changes.ts';
export type { SessionMoving } from './contracts/moving.ts';
export { Channel, ChannelListResult, ChannelMessage, channelRoles, type Newsletters } from './contracts/newsletters.ts';
export { PasskeyAssertionRequest, PasskeyChallenge } from './contracts/passkey.ts';
export { PresencePayload, PresenceState } from './contracts/presence.ts';
export { OwnProfile, type Profile } from './contracts/profile.ts';
export { ChatInfo, ChatSummary, ContactInfo, LidMapping, type MessageListQuery } from './contracts/reading.ts';
export { type DueSend, type NewSend, Pace, QueuedSend, type SendQueue, SessionPacing } from './contracts/send-queue.ts';
export type { AttachmentKind, FileContent, MessageButton, SendFile } from './contracts/sending.ts';
export {
  failureDetails,
  isSessionName,
  MeInfo,
  SessionInfo,
  SessionName,
  SessionStatusSchema,
  Transition,
} from './contracts/session.ts';
export { CustomHeader, RetriesConfig, SessionConfig, WebhookConfig } from './contracts/session-config.ts';
export {
  LogoutRemote,
  type LogoutReport,
  type SessionData,
  type SessionRule,
  type Sessions,
} from './contracts/sessions.ts';
export type { FileStatus, Statuses } from './contracts/status.ts';
export { packBundle, unpackBundle } from './stores/bundle.ts';

// Who brings apps of sessions, or lists them

export {
  type App,
  type AppContext,
  AppId,
  AppInfo,
  AppRequest,
  type Apps,
  type AppType,
  appType,
  type StopApp,
} from './contracts/apps.ts';

// Who adds routes or serves them

export { demandRight, mayDo, maySee } from './callers.ts';
export type { ApiKeys, KeyActions, OwnedKey } from './contracts/api-keys.ts';
export {
  type ForwardedContent,
  type Forwarder,
  type HttpServer,
  type KeyRing,
  type Page,
  type Principal,
  type RemoteAnswer,
  type RemoteCall,
  type Reply,
  type Right,
  type Route,
  type RouteGroup,
  type RouteRequest,
  type RouteResponse,
  type RouteUpload,
  reply,
  route,
  type UpgradeHandler,
  type UploadedFile,
} from './contracts/http.ts';
export { withStrayErrors } from './stray-errors.ts';
export { continued, traceOfEvent } from './trace.ts';

// Who keeps rows or files

export type { EventDeliveryStatus, Files, ReceivedFile } from './contracts/files.ts';
export {
  type Change,
  type Collection,
  type CollectionSchema,
  type Countable,
  type Counted,
  counted,
  type Database,
  defineCollection,
  type RowOf,
  type Where,
} from './contracts/storage.ts';
export { temporaryFolder } from './temporary-folders.ts';

// Who reaches the network

// Who reports on the process

export type { HealthCheck, HealthIndicator, HealthReport } from './contracts/health.ts';
export type { Distribution, MetricSource, Sample } from './contracts/metrics.ts';
export { PluginInfo, type Plugins } from './contracts/plugins.ts';
export { Environment, environmentOf, type RuntimeInfo } from './contracts/runtime-info.ts';
export type { Shutdown } from './contracts/shutdown.ts';
export { Histogram } from './histogram.ts';

// Who waits, takes turns, or tries again

export { type BackoffLimits, backoff } from './backoff.ts';
export { CircuitBreaker } from './circuit-breaker.ts';
export type { Clock, Random } from './contracts/clock.ts';
export { pause, systemClock, withDeadline } from './deadline.ts';
export { mapInTurns } from './in-turns.ts';
export { instantOf } from './instant.ts';
export { SerialQueue } from './serial-queue.ts';

// Who deals with phone numbers

export { phoneDigits } from './contracts/phone-number.ts';
