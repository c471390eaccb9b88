import { definePlugin, Points, sentence, Tokens, Type } from 'waha-runtime';
import { Control } from './control/control.ts';
import { controlRoutes } from './control/routes.ts';
import { startSandbox } from './sandbox.ts';
import { storedState } from './state/stored-state.ts';
import { ROOT_KEY } from './wire/certificates.ts';
import { tlsIdentity } from './wire/tls-certificate.ts';

export { runSandboxServer } from './standalone.ts';

const config = Type.Object({
  host: Type.String({ default: '127.0.0.1', description: 'A loopback address; others are refused.' }),
  port: Type.Integer({ default: 0, minimum: 0, maximum: 65_535, description: '0 takes a free port.' }),
  refs: Type.Integer({ default: 6, minimum: 0, maximum: 20, description: 'QR codes per attempt to link.' }),
  receiptDelay: Type.Integer({
    default: 200,
    minimum: 0,
    description: 'Milliseconds after which contacts confirm messages.',
  }),
  addressing: Type.Enum(['lid', 'pn', 'none'], {
    type: 'string',
    default: 'lid',
    description:
      'How people are addressed: by hidden ids with the number beside them, as today; by numbers, as before; by numbers where nobody has a hidden id.',
  }),
  userSync: Type.Enum(['answered', 'silent'], {
    type: 'string',
    default: 'answered',
    description:
      'Whether questions about people are answered: who is on WhatsApp, with which devices, under which hidden id.',
  }),
  persist: Type.Boolean({
    default: true,
    description: 'Keeps phones, linked devices and undelivered messages over a restart, beside the event log.',
  }),
  connect: Type.Optional(
    Type.String({
      pattern: '^wss?://',
      description: 'Address of a sandbox in a process of its own; then none is started here.',
      examples: ['ws://127.0.0.1:8787/ws/chat'],
    }),
  ),
});

/** WhatsApp itself, on loopback. With it loaded, engines connect here instead of to WhatsApp. */
export default definePlugin({
  name: 'sandbox',
  description: 'WhatsApp on this machine: phones, contacts and faults for tests and demos, without a real account.',
  config,
  needs: { events: Tokens.EventLog },
  provides: [Tokens.WhatsAppEndpoint],
  async setup({ config, services, log, provide, contribute, onClose }) {
    if (config.connect !== undefined) {
      provide(Tokens.WhatsAppEndpoint, { url: config.connect, rootKey: ROOT_KEY, ca: tlsIdentity().ca });
      return;
    }
    const { host, port, refs, receiptDelay, persist, addressing, userSync } = config;
    const state = persist ? { state: await storedState(services.events.database) } : {};
    const worlds = { addressing, userSync };
    const sandbox = await startSandbox({ host, port, refs, receiptDelayMs: receiptDelay, ...worlds, ...state });
    const onNotKept = (error: unknown): void => log.warn({ error: sentence(error) }, 'the state could not be written');
    sandbox.on('not-kept', ({ error }) => onNotKept(error));
    onClose(() => sandbox.close().catch(onNotKept));
    provide(Tokens.WhatsAppEndpoint, sandbox.endpoint);
    contribute(Points.Routes, controlRoutes(new Control(sandbox)));
    log.warn({ url: sandbox.endpoint.url }, 'WhatsApp is a sandbox on this machine: no message leaves it');
  },
});
