import type { CloseReason, Engine, EngineConnection, EngineInput, EngineSignal } from '../../core/engine.ts';
import type { Client, MeInfo, SessionConfig } from '../../core/index.ts';

export const someone: MeInfo = {
  id: '5511999990001@c.us',
  lid: '1001@lid',
  jid: '5511999990001:1@s.whatsapp.net',
  pushName: 'Ana',
};

/** A connection that a test drives by hand. */
export class FakeConnection implements EngineConnection {
  readonly input: EngineInput;
  closeCalls = 0;
  logoutCalls = 0;
  configured: SessionConfig[] = [];
  closed = false;
  /** When false, a close that is asked for does not happen; the next one cuts the socket. */
  closes = true;
  /** What a probe meets. */
  peer: 'answers' | 'fails' | 'is silent' = 'answers';
  probes = 0;
  /** Lets the probes that met silence have their answer. */
  answerProbes: () => void = () => undefined;
  /** When false, WhatsApp cannot be told of a logout. */
  reachable = true;

  constructor(input: EngineInput) {
    this.input = input;
  }

  signal(signal: EngineSignal): void {
    if (signal.type === 'engine.closed') {
      if (this.closed) return;
      this.closed = true;
    }
    this.input.signal(signal);
  }

  qr(count = 6): void {
    const codes = Array.from({ length: count }, (_, index) => `code-${index + 1}`);
    this.signal({ type: 'engine.qr', codes, pairing: this.pairing });
  }

  /** WhatsApp has retired the secret of the codes. */
  refresh(count = 6): void {
    const codes = Array.from({ length: count }, (_, index) => `code-${index + 1}-anew`);
    this.signal({ type: 'engine.qr.refreshed', codes });
  }

  /** WhatsApp asks for a passkey. */
  readonly ceremony = {
    challenge: {
      ...{ challenge: 'AAAA', timeout: 600_000, rpId: 'whatsapp.com' },
      ...{ allowCredentials: [], userVerification: 'required' },
    },
    answers: 0,
    confirms: 0,
    answer: async () => {
      this.ceremony.answers++;
      this.signal({ type: 'engine.passkey.answered' });
    },
    confirm: async () => {
      this.ceremony.confirms++;
      this.signal({ type: 'engine.passkey.confirmed' });
    },
  };
  askForPasskey(expiresAt = Number.MAX_SAFE_INTEGER): void {
    this.signal({ type: 'engine.passkey', ceremony: this.ceremony, expiresAt });
  }

  readonly pairing = {
    requests: [] as string[],
    requestCode: async (phoneNumber: string) => {
      this.pairing.requests.push(phoneNumber);
      return { code: `CODE-${String(this.pairing.requests.length).padStart(4, '0')}`, expiresAt: this.codeExpiresAt };
    },
  };
  codeExpiresAt = Number.MAX_SAFE_INTEGER;

  linked(me: MeInfo = someone): void {
    this.signal({ type: 'engine.linked', me });
  }

  open(client: Partial<Client> = {}, me: MeInfo = someone): void {
    const messages = { sendText: async () => Promise.reject(new Error('unused')), sendSeen: async () => undefined };
    this.signal({ type: 'engine.open', client: { me: () => me, messages, ...client }, me });
  }

  drop(reason: CloseReason, message?: string): void {
    this.signal({ type: 'engine.closed', reason, ...(message ? { message } : {}) });
  }

  async close(): Promise<void> {
    this.closeCalls++;
    if (this.closes || this.closeCalls > 1) this.drop('closed');
  }

  probe(): Promise<void> {
    this.probes++;
    if (this.peer === 'answers') return Promise.resolve();
    if (this.peer === 'fails') return Promise.reject(new Error('no answer'));
    return new Promise((resolve) => {
      this.answerProbes = resolve;
    });
  }

  /** WhatsApp restricts the account until then, or lifts that. */
  restrict(timeEnforcementEnds: number | null): void {
    const restriction = timeEnforcementEnds === null ? null : { timeEnforcementEnds, enforcementType: 'DEFAULT' };
    this.signal({ type: 'engine.restriction', restriction });
  }

  /** The account's phone gave a sign of life then. */
  seePhone(seenAt: number): void {
    this.signal({ type: 'engine.phone', seenAt });
  }

  async logout(): Promise<void> {
    this.logoutCalls++;
    if (!this.reachable) {
      this.drop('closed');
      throw new Error('WhatsApp could not be told');
    }
    this.drop('logged_out');
  }

  configure(config: SessionConfig): void {
    this.configured.push(config);
  }
}

/** An engine that remembers every connection it opened. */
export class FakeEngine implements Engine {
  readonly name = 'NOWEB';
  readonly connections: FakeConnection[] = [];
  /** Prepares each new connection. */
  prepare: (connection: FakeConnection) => void = () => undefined;
  failure: Error | null = null;

  open(input: EngineInput): EngineConnection {
    if (this.failure) throw this.failure;
    const connection = new FakeConnection(input);
    this.connections.push(connection);
    this.prepare(connection);
    return connection;
  }

  get last(): FakeConnection {
    const connection = this.connections.at(-1);
    if (!connection) throw new Error('no connection was opened');
    return connection;
  }

  /** Connections of a session that are not closed. */
  live(session?: string): FakeConnection[] {
    return this.connections.filter(({ closed, input }) => !closed && (!session || input.session === session));
  }
}
