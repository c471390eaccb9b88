import type { Engine, EngineConnection, EngineInput } from '../contracts/engine.ts';
import { definePlugin } from '../contracts/plugin.ts';
import type { StatusReason } from '../contracts/session.ts';
import { Points } from '../tokens.ts';
import { recordedMe } from './recorded-events.ts';
import { type OutgoingCall, type SpiedClient, spiedClient } from './spied-client.ts';

/** An outgoing call with the session that made it. */
export interface SessionCall extends OutgoingCall {
  readonly session: string;
}

/** An engine without WhatsApp: it connects at once, and its clients are spies. */
export class TestEngine implements Engine {
  readonly name = 'NOWEB';
  /** Everything that went out, in order. */
  readonly outgoing: SessionCall[] = [];
  readonly #clients = new Map<string, SpiedClient>();
  readonly #connections = new Map<string, TestConnection>();

  open(input: EngineInput): EngineConnection {
    const connection = new TestConnection(input, this.client(input.session));
    this.#connections.set(input.session, connection);
    return connection;
  }

  /** The client of a session; the same one at every connection. */
  client(session: string): SpiedClient {
    const calls: OutgoingCall[] = [];
    calls.push = (...added) => this.outgoing.push(...added.map((call) => ({ ...call, session })));
    const client = this.#clients.get(session) ?? spiedClient(calls);
    this.#clients.set(session, client);
    return client;
  }

  /** Ends the connection of a session as WhatsApp would. */
  disconnect(session: string, reason: StatusReason): void {
    this.#connections.get(session)?.end(reason as 'network');
  }

  /** The sessions whose connection is open. */
  get connected(): readonly string[] {
    return [...this.#connections].filter(([, { over }]) => !over).map(([session]) => session);
  }
}

class TestConnection implements EngineConnection {
  readonly #input: EngineInput;
  over = false;

  constructor(input: EngineInput, client: SpiedClient) {
    this.#input = input;
    queueMicrotask(() => {
      if (!this.over) input.signal({ type: 'engine.open', client, me: recordedMe });
    });
  }

  end(reason: Parameters<TestConnection['signalClosed']>[0]): void {
    if (this.over) return;
    this.over = true;
    this.signalClosed(reason);
  }

  signalClosed(reason: 'closed' | 'logged_out' | 'network'): void {
    this.#input.signal({ type: 'engine.closed', reason });
  }

  async close(): Promise<void> {
    this.end('closed');
  }

  async logout(): Promise<void> {
    this.end('logged_out');
  }

  async probe(): Promise<void> {}
}

/** The engine as a plugin. */
export const testEnginePlugin = (engine: TestEngine) =>
  definePlugin({ name: 'test-engine', setup: ({ contribute }) => contribute(Points.Engine, engine) });
