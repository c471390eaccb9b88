import type { ApiKeys } from './contracts/api-keys.ts';
import type { Apps, AppType } from './contracts/apps.ts';
import type { BackupFile, Backups } from './contracts/backups.ts';
import type { ClientPolicy } from './contracts/client-policy.ts';
import type { Clock, Random } from './contracts/clock.ts';
import type { Engine } from './contracts/engine.ts';
import type { EventBus, EventFilter, EventLog, EventSink } from './contracts/events.ts';
import type { FileStorage, Files } from './contracts/files.ts';
import type { HealthCheck, HealthIndicator } from './contracts/health.ts';
import type { Forwarder, HttpServer, KeyRing, Page, RouteGroup, UpgradeHandler } from './contracts/http.ts';
import type { Log } from './contracts/log.ts';
import type { MetricSource } from './contracts/metrics.ts';
import type { SessionMoving } from './contracts/moving.ts';
import type { Egress, Proxies, WhatsAppEndpoint } from './contracts/network.ts';
import type { Ownership, OwnershipProvider } from './contracts/ownership.ts';
import type { Plugins } from './contracts/plugins.ts';
import type { RuntimeInfo } from './contracts/runtime-info.ts';
import type { SendQueue } from './contracts/send-queue.ts';
import type { SessionData, SessionRule, Sessions } from './contracts/sessions.ts';
import type { Shutdown } from './contracts/shutdown.ts';
import type { Database } from './contracts/storage.ts';
import { type Point, point, type Token, token } from './contracts/token.ts';

/** Services: one value each. The first group is the runtime's own, the second is provided by plugins. */
export const Tokens = {
  Sessions: token<Sessions>('sessions'),
  SessionMoving: token<SessionMoving>('session-moving'),
  Backups: token<Backups>('backups'),
  Events: token<EventBus>('events'),
  EventLog: token<EventLog>('event-log'),
  Health: token<HealthCheck>('health'),
  Runtime: token<RuntimeInfo>('runtime'),
  Clock: token<Clock>('clock'),
  Random: token<Random>('random'),
  Log: token<Log>('log'),
  Egress: token<Egress>('egress'),
  Plugins: token<Plugins>('plugins'),
  Metrics: token<MetricSource>('metrics'),
  Shutdown: token<Shutdown>('shutdown'),

  Files: token<Files>('files'),
  HttpServer: token<HttpServer>('http-server'),
  Forwarder: token<Forwarder>('forwarder'),
  Ownership: token<Ownership>('ownership'),
  ApiKeys: token<ApiKeys>('api-keys'),
  SendQueue: token<SendQueue>('send-queue'),
  Apps: token<Apps>('apps'),
  Proxies: token<Proxies>('proxies'),
  WhatsAppEndpoint: token<WhatsAppEndpoint>('whatsapp-endpoint'),
} as const;

/** Lists that plugins add to. */
export const Points = {
  Engine: point<Engine>('engine'),
  EventSink: point<EventSink>('event-sink'),
  EventFilter: point<EventFilter>('event-filter'),
  Routes: point<RouteGroup>('routes'),
  Pages: point<Page>('pages'),
  Upgrade: point<UpgradeHandler>('upgrade'),
  KeyRing: point<KeyRing>('key-ring'),
  SessionData: point<SessionData>('session-data'),
  SessionRule: point<SessionRule>('session-rule'),
  App: point<AppType>('app'),
  ClientPolicy: point<ClientPolicy>('client-policy'),
  Database: point<Database>('database'),
  BackupFile: point<BackupFile>('backup-file'),
  Ownership: point<OwnershipProvider>('ownership'),
  FileStorage: point<FileStorage>('file-storage'),
  HealthIndicator: point<HealthIndicator>('health-indicator'),
  Metrics: point<MetricSource>('metrics'),
} as const;

/** Lists that are complete before the runtime builds the services that rest on them. */
export const firstPoints: readonly Point<unknown>[] = [Points.Database, Points.Ownership];

/** What the runtime builds on the databases: plugins that contribute one are set up before it is there. */
export const serviceTokens: readonly Token<unknown>[] = [
  Tokens.Sessions,
  Tokens.SessionMoving,
  Tokens.Backups,
  Tokens.Events,
  Tokens.EventLog,
  Tokens.Health,
  Tokens.Metrics,
  Tokens.Shutdown,
];

/** What the runtime itself provides; every other token comes from a plugin. */
export const coreTokens: readonly Token<unknown>[] = [
  ...serviceTokens,
  Tokens.Runtime,
  Tokens.Clock,
  Tokens.Random,
  Tokens.Log,
  Tokens.Egress,
  Tokens.Plugins,
];
