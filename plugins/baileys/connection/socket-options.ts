import {
  Browsers,
  DEFAULT_CONNECTION_CONFIG,
  type GroupMetadata,
  makeWASocket,
  type UserFacingSocketConfig,
  type WAVersion,
} from '@whiskeysockets/baileys';
import type { Log, SessionConfig } from 'waha-runtime';
import type { SessionHistory, WhatsAppEndpoint } from 'waha-runtime/engine';
import type { BaileysConfig } from '../config.ts';
import type { AuthState } from '../credentials/auth-state.ts';
import { breathing, tellingRepository } from '../inbound/decrypted.ts';
import type { InboundJournal } from '../inbound/inbound-journal.ts';
import { withSharedContext } from '../libsignal/shared-context.ts';
import { kindOfChat } from '../messages/ids.ts';
import { recall } from '../messages/stored-message.ts';
import { boundedLocks } from '../repairs/bounded-locks.ts';
import { askBeforeSending } from '../repairs/held-questions.ts';
import { holdingRepository } from '../repairs/held-transactions.ts';
import { shortLivedUploads } from '../repairs/lasting-timers.ts';
import { knownHiddenIds } from '../repairs/lid-lookups.ts';
import { MissedDevices, type MissedWatch } from '../repairs/missed-devices.ts';
import { PhoneRetries } from '../repairs/phone-retries.ts';
import { sendQuickly } from '../repairs/quick-sends.ts';
import { quickDecryption, quickEncryption } from '../repairs/quick-sessions.ts';
import { knowingRepository } from '../repairs/repeated-messages.ts';
import { settledMigrations } from '../repairs/settled-migrations.ts';
import { keptSenderKeys } from '../repairs/skipped-sender-keys.ts';
import { DeviceLists } from '../socket/device-lists.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { socketLog } from './socket-log.ts';
import type { Transport } from './transport.ts';

/** What one connection's socket is made of. */
export interface SocketOptions {
  readonly plugin: BaileysConfig;
  readonly endpoint: WhatsAppEndpoint | undefined;
  readonly version: WAVersion | undefined;
  readonly auth: AuthState;
  readonly journal: InboundJournal;
  readonly transport: Transport;
  readonly log: Log;
  now(): number;
  /** The session's config as it is now: parts of it change while the socket is open. */
  config(): SessionConfig;
  /** Knows messages that come again, and those that a peer could not decrypt, to be sent again. */
  readonly history: Pick<SessionHistory, 'find'>;
  /** A group as it is known, with the members' own addresses: Baileys asks WhatsApp before each message without it. */
  groupMetadata(jid: string): Promise<GroupMetadata | undefined>;
  /** Members of a group; `anew` asks WhatsApp also when they are known. Rejects as the question does. */
  members(jid: string, anew: boolean): Promise<readonly string[] | undefined>;
  readonly missedWatch: MissedWatch;
  /** A stanza was decrypted; its receipt follows at once, its event a little later. */
  onDecrypted(): void;
}

/** Longer than any pairing lasts: the QR clock is the session machine's. It must fit into 31 bits. */
const NO_QR_CLOCK_MS = 60 * 60 * 1000;

export const openSocket = (options: SocketOptions): BaileysSocket => {
  const devices = new DeviceLists(options.now);
  const retries = new PhoneRetries(async (id) => {
    const stored = await options.history.find(id);
    return (stored && recall(stored).message) || undefined;
  }, options.log);
  const getMessage = retries.message.bind(retries);
  const config = { ...socketOptions(options), userDevicesCache: devices, getMessage };
  const sock = withSharedContext(() => makeWASocket(config));
  retries.attach(sock);
  sendQuickly(sock, { auth: options.auth, devices });
  const { log, missedWatch: watch } = options;
  const askMembers = (group: string) => options.members(group, true);
  const missed = new MissedDevices(sock, { devices, log, watch, askMembers });
  askBeforeSending(sock, devices, (group) => options.members(group, false), missed);
  return sock;
};

const socketOptions = (options: SocketOptions): UserFacingSocketConfig => {
  const { plugin, endpoint, version, auth, transport, log } = options;
  const config = options.config();
  const { agent, fetchAgent, dispatcher } = transport;
  return {
    auth,
    logger: socketLog(log, () => options.config().debug === true),
    ...(endpoint ? { waWebSocketUrl: endpoint.url } : {}),
    ...(version ? { version } : {}),
    browser: browserOf(config, plugin),
    // The connection has a deadline of its own. Baileys' would be a timer and three stack traces for every frame it writes.
    connectTimeoutMs: 0,
    keepAliveIntervalMs: plugin.keepAliveIntervalMs,
    // A little more than our own, which refuses (`repairs/silent-queries.ts`).
    defaultQueryTimeoutMs: plugin.queryTimeoutMs + 1000,
    qrTimeout: NO_QR_CLOCK_MS,
    ...(agent ? { agent } : {}),
    ...(fetchAgent ? { fetchAgent } : {}),
    // `dispatcher` is undici's own extension of fetch: it takes the downloads of media and history along.
    options: (dispatcher ? { dispatcher } : {}) as RequestInit,
    markOnlineOnConnect: config.noweb?.markOnline ?? true,
    syncFullHistory: config.noweb?.store?.fullSync ?? false,
    // `HistorySync` takes it. Refusing RECENT also spares the first login its wait of 20 s.
    shouldSyncHistoryMessage: () => false,
    shouldIgnoreJid: (jid) => isIgnored(options.config(), jid),
    // Our own sends are published when the server has taken them, not when they are written.
    emitOwnEvents: false,
    // A store that fails ends the connection; retrying under Baileys' mutex would only deafen the session.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    makeSignalRepository: repositoryOf(options),
    cachedGroupMetadata: (jid) => options.groupMetadata(jid),
  };
};

/** Baileys' Signal repository with our repairs around it. */
const repositoryOf = ({ auth, journal, plugin, history, onDecrypted, now }: SocketOptions) => {
  const watch = { breathe: breathing(), onDecrypted };
  const encrypting = quickEncryption(auth, DEFAULT_CONNECTION_CONFIG.makeSignalRepository);
  const telling = settledMigrations(auth, holdingRepository(auth, tellingRepository(auth, watch, encrypting)));
  // The uploads below the locks, for they look at what is about to be locked.
  const locked = boundedLocks(plugin.queryTimeoutMs, shortLivedUploads(knownHiddenIds(telling)));
  const write = journal.store.bind(journal);
  const decrypting = quickDecryption({ auth, now, write, ...watch }, journal.wrap(keptSenderKeys(locked)));
  return knowingRepository({ stanzaOf: (ciphertext) => journal.stanzaOf(ciphertext), history }, decrypting);
};

/** How the session shows under Linked devices: `[os, browser, os version]`. */
export const browserOf = (config: SessionConfig, { client }: BaileysConfig): [string, string, string] => {
  const browser = config.client?.browserName || client.browserName;
  const device = config.client?.deviceName || client.deviceName;
  const [, , version] = Browsers.macOS(browser);
  return [device, browser, version];
};

/** Whether the session's config filters a chat at the source. */
export const isIgnored = ({ ignore }: SessionConfig, jid: string): boolean => {
  const kind = kindOfChat(jid);
  return kind !== 'person' && ignore?.[kind] === true;
};
