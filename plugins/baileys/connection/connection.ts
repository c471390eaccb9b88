import type { WAVersion } from '@whiskeysockets/baileys';
import { type Egress, type Files, type MeInfo, type SessionConfig, sentence } from 'waha-runtime';
import { connectionLost, type EngineConnection, type EngineInput, type WhatsAppEndpoint } from 'waha-runtime/engine';
import { baileysClient } from '../client/client.ts';
import { LinkPreviews } from '../client/link-preview.ts';
import type { BaileysConfig } from '../config.ts';
import { AuthState } from '../credentials/auth-state.ts';
import { meOf } from '../credentials/me.ts';
import { deferred, within } from '../deferred.ts';
import { InboundJournal } from '../inbound/inbound-journal.ts';
import { Publisher } from '../inbound/publisher.ts';
import { type Linking, watchLinking } from '../linking/linking.ts';
import { channelUploads } from '../media/channel-upload.ts';
import type { Recent } from '../recent.ts';
import { syncOnce } from '../repairs/first-sync.ts';
import { ping, unlinkDevice } from '../socket/server-queries.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { signalAccountState } from './account-signals.ts';
import { Deadline } from './deadline.ts';
import { onUpgradeRefused, type Verdict, verdictOf, withHost } from './disconnect.ts';
import { openTransport } from './open-transport.ts';
import { browserOf, isIgnored, openSocket, type SocketOptions } from './socket-options.ts';
import type { Transport } from './transport.ts';
import { watchUnlinking } from './unlinked-signs.ts';
import type { ClientVersions } from './version.ts';
import { type Live, type WiringOptions, wire } from './wiring.ts';

/** What all connections of the plugin share. */
export interface ConnectionOptions
  extends Pick<WiringOptions, 'ignored' | 'gateWatch'>,
    Pick<SocketOptions, 'missedWatch'> {
  readonly plugin: BaileysConfig;
  readonly endpoint: WhatsAppEndpoint | undefined;
  readonly versions: ClientVersions;
  readonly now: () => number;
  /** For pages that messages link to; without it there are no link previews. */
  readonly http?: Egress | undefined;
  /** Keeps the files of messages. */
  readonly files?: Files | undefined;
  /** What a session has published lately, so that nothing is published twice when it comes again after a reconnect. */
  published(session: string): Recent<true>;
}

const SOCKET_GRACE_MS = 6000;
const DRAIN_GRACE_MS = 10_000;
const UNLINK_TIMEOUT_MS = 10_000;

/**
 * One socket, from `open` to exactly one `engine.closed`. It never reconnects by itself, and nothing is signalled or
 * published after the end. Whatever ends it first says why.
 */
export class BaileysConnection implements EngineConnection {
  readonly #options: ConnectionOptions;
  readonly #input: EngineInput;
  readonly #publisher: Publisher;
  readonly #closed = deferred();
  readonly #socketClosed = deferred();
  #deadline: Deadline;
  #config: SessionConfig;
  #verdict: Verdict | undefined;
  #version: WAVersion | undefined;
  #auth: AuthState | undefined;
  #transport: Transport | undefined;
  #live: Live | undefined;
  #linking: Linking | undefined;
  #open = false;
  /** A phone has scanned; what follows is WhatsApp's request to reconnect. */
  #scanned = false;
  /** A logout is under way: whatever the server says now answers it. */
  #leaving = false;
  #unlinked = false;

  constructor(options: ConnectionOptions, input: EngineInput) {
    this.#options = options;
    this.#input = input;
    this.#config = input.config;
    this.#publisher = new Publisher(input, () => (this.#auth ? meOf(this.#auth.creds) : null));
    this.#deadline = new Deadline(options.plugin.connectTimeoutMs, () => this.#expired());
    this.#start().catch((error) => this.#end(verdictOf(error)));
  }

  readonly cut = (): void => this.#live?.care.cut();

  close(): Promise<void> {
    this.#end({ reason: 'closed' }, true);
    return this.#closed.promise;
  }

  async logout(): Promise<void> {
    this.#leaving = true;
    const failure = await this.#unlink().then(
      () => undefined,
      (error: unknown) => error,
    );
    await this.close();
    if (failure !== undefined && !this.#unlinked) throw failure;
  }

  async probe(): Promise<void> {
    if (!this.#live) throw connectionLost(this.#input.session);
    await ping(this.#live.requests, this.#options.plugin.queryTimeoutMs, this.#closed.promise);
  }

  configure(config: SessionConfig): void {
    this.#config = config;
  }

  async #unlink(): Promise<void> {
    const { session, auth } = this.#input;
    const linked = this.#auth ? this.#auth.linked : (await auth.credentials())?.linked;
    if (!linked) return;
    const jid = this.#auth && meOf(this.#auth.creds)?.jid;
    if (!jid || !this.#live || !this.#open || this.#verdict) throw connectionLost(session);
    await this.#live.requests.call('the logout', (sock) => unlinkDevice(sock, jid, UNLINK_TIMEOUT_MS));
    this.#unlinked = true;
  }

  async #start(): Promise<void> {
    const shared = this.#options;
    const { session, auth, log, proxy, history } = this.#input;
    const onFailure = (error: unknown) => this.#end(verdictOf(error));
    const [state, version, transport] = await Promise.all([
      AuthState.load({ session, auth, log, onFailure }),
      shared.versions.current(),
      // A little less than the deadline, so that a silent proxy is told from a silent server.
      openTransport(proxy, Math.ceil(shared.plugin.connectTimeoutMs * 0.8), shared.endpoint),
    ]);
    if (this.#verdict) return transport.close();
    this.#auth = state;
    this.#version = version;
    this.#transport = transport;
    this.#deadline.putOff();
    const journal = new InboundJournal({ state, store: auth, log, now: shared.now });
    const sock = openSocket({
      ...{ plugin: shared.plugin, endpoint: shared.endpoint, version, missedWatch: shared.missedWatch },
      auth: state,
      journal,
      transport,
      log,
      now: shared.now,
      config: () => this.#config,
      onDecrypted: () => this.#live?.care.decrypted(),
      groupMetadata: async (jid) => this.#live?.directory.groups.forBaileys(jid),
      members: async (jid, anew) => this.#live?.directory.groups.members(jid, anew),
      history,
    });
    this.#attach(sock, state, journal);
  }

  #attach(sock: BaileysSocket, auth: AuthState, journal: InboundJournal): void {
    const input = this.#input;
    const live = wire(sock, {
      ...this.#options,
      transport: this.#transport,
      input,
      auth,
      journal,
      publisher: this.#publisher,
      published: this.#options.published(input.session),
      ignores: (jid) => isIgnored(this.#config, jid),
      fullSync: this.#config.noweb?.store?.fullSync === true,
      onError: (event, error) => this.#onListenerError(event, error),
      onFailure: (error) => this.#end(verdictOf(error)),
      onMe: (me) => this.#onMe(me),
    });
    this.#live = live;
    sock.ws.on('frame', () => this.#deadline.putOff());
    onUpgradeRefused(sock, (verdict) => this.#end(verdict));
    this.#linking = this.#watchLinking(sock, auth, live);
    watchUnlinking(sock, auth, (verdict) => this.#end(verdict));
    signalAccountState(live, auth, this.#options.now, (signal) => this.#publisher.signal(signal));
    syncOnce(sock, auth, input.log);
    sock.ev.on('connection.update', ({ connection, isNewLogin, lastDisconnect }) => {
      if (isNewLogin) this.#onScanned();
      if (connection === 'open') this.#onOpen();
      if (connection === 'close') {
        this.#socketClosed.resolve();
        this.#end(verdictOf(lastDisconnect?.error));
      }
    });
  }

  #watchLinking(sock: BaileysSocket, auth: AuthState, { requests }: Live): Linking {
    const { plugin, now } = this.#options;
    return watchLinking({
      ...{ sock, auth, requests, now, plugin, log: this.#input.log },
      browser: browserOf(this.#config, plugin),
      signal: (signal) => {
        if (signal.type === 'engine.qr') this.#deadline.stop();
        this.#publisher.signal(signal);
      },
    });
  }

  #onScanned(): void {
    const me = this.#auth && meOf(this.#auth.creds);
    if (!me) return;
    this.#linking?.end();
    this.#scanned = true;
    this.#deadline.stop();
    this.#deadline = new Deadline(this.#options.plugin.restartTimeoutMs, () => this.#expired());
    this.#publisher.signal({ type: 'engine.linked', me });
  }

  #onOpen(): void {
    const me = this.#auth && meOf(this.#auth.creds);
    if (!me || !this.#live || this.#verdict) return;
    this.#open = true;
    this.#deadline.stop();
    const live = this.#live;
    const { session, log, proxy } = this.#input;
    const { http, now, plugin } = this.#options;
    const client = baileysClient({
      ...{ ...live, session, log, now, me: () => this.#publisher.me, timeoutMs: plugin.queryTimeoutMs },
      queries: plugin.graphQueries,
      channelUploads: channelUploads(this.#transport?.dispatcher),
      previews: http && !proxy ? new LinkPreviews(http, log) : undefined,
    });
    this.#publisher.signal({ type: 'engine.open', client, me });
  }

  /** The push name arrives some time after the first login, and without it Baileys cannot say that we are online. */
  #onMe(me: MeInfo): void {
    if (!this.#open || this.#verdict) return;
    this.#publisher.signal({ type: 'engine.me', me });
    if (me.pushName === '' || this.#config.noweb?.markOnline === false) return;
    this.#live?.sock.sendPresenceUpdate('available').catch(() => undefined);
  }

  #onListenerError(event: string, error: unknown): void {
    const message = sentence(error);
    // Frames are read in this listener: one that cannot be read leaves the stream out of step.
    if (event === 'message')
      this.#end({ reason: 'network', message: `the server sent what cannot be read: ${message}` });
    else if (!this.#verdict) this.#input.log.warn({ event, err: message }, 'handling a stanza failed');
  }

  #expired(): void {
    const { connectTimeoutMs } = this.#options.plugin;
    if (this.#scanned)
      this.#end({ reason: 'restart_required', message: 'WhatsApp did not ask for the reconnect' }, true);
    else this.#end({ reason: 'network', message: `the connection made no progress for ${connectTimeoutMs} ms` });
  }

  /** The first verdict holds. `settled`: what was read is handled before the socket closes. */
  #end(verdict: Verdict, settled = false): void {
    if (this.#verdict) return;
    if (this.#leaving && (verdict.reason === 'logged_out' || verdict.reason === 'device_removed'))
      this.#unlinked = true;
    this.#linking?.end();
    this.#verdict = this.#leaving ? { reason: 'closed' } : verdict;
    this.#publisher.end();
    this.#deadline.stop();
    void this.#tearDown(settled).then((final) => {
      this.#publisher.closed(final);
      this.#closed.resolve();
    });
  }

  async #tearDown(settled: boolean): Promise<Verdict> {
    const live = this.#live;
    if (live) {
      if (settled) await live.care.settle();
      live.requests.close();
      live.sock.end(undefined);
      await within(SOCKET_GRACE_MS, this.#socketClosed.promise);
      // The next connection fetches them again, unless there is none.
      if (!this.#isLast()) live.queue.leaveFiles();
      live.media.close();
      await live.historySync.close();
      await within(DRAIN_GRACE_MS, live.queue.idle());
      live.queue.abandon();
      this.#publisher.close();
      await live.journal.flush();
      live.sent.close();
      live.sock.ws.removeAllListeners();
    }
    this.#transport?.close();
    await this.#auth?.settled();
    return this.#final(this.#verdict ?? { reason: 'closed' });
  }

  /** The credentials go, and with them the journal. */
  #isLast(): boolean {
    const { reason } = this.#verdict ?? {};
    return this.#leaving || reason === 'logged_out' || reason === 'device_removed';
  }

  async #final(verdict: Verdict): Promise<Verdict> {
    const fault = this.#open ? undefined : this.#transport?.fault();
    if (fault && verdict.reason === 'network') return { reason: 'proxy', message: fault.message };
    const { versions, endpoint } = this.#options;
    if (verdict.reason === 'client_outdated' && (await versions.outdated(this.#version))) {
      const message = 'WhatsApp asks for a newer client version, which is known now';
      return { ...verdict, reason: 'restart_required', message };
    }
    return this.#open ? verdict : withHost(verdict, endpoint?.url);
  }
}
