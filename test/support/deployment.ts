import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timings } from '../../core/config/schema.ts';

/** The key of every API call in tests. */
export const apiKey = 'the-key-of-the-tests';
/** The key that webhooks are signed with. */
export const hmacKey = 'my-secret-key';

export interface DeploymentOptions {
  /** Where the sandbox listens. */
  readonly whatsApp: string;
  /** Where global webhooks go. */
  readonly webhook: string;
  readonly timings?: Partial<Timings>;
  /** More of the YAML: `sessions`, `worker`, … */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly baileys?: Readonly<Record<string, unknown>>;
  /** The config of the files plugin; without it there is none. */
  readonly files?: Readonly<Record<string, unknown>>;
  readonly session?: Readonly<Record<string, unknown>>;
  /** Further plugins, with the folder that they may use. */
  readonly plugins?: (folder: string) => readonly { readonly use: string; readonly config?: object }[];
}

/** Retries come soon, patience is long, and the QR schedule is the product's unless a test changes it. */
const quick: Partial<Timings> = { backoffBase: 50, backoffSlow: 50, client: 15_000, qrWait: 30_000 };

/** A whole deployment as its YAML has it: everything is real but WhatsApp. */
export const deployment = (folder: string, options: DeploymentOptions) => ({
  log: { level: process.env['TEST_LOG'] ?? 'error', format: 'json' },
  plugins: [
    { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey, closeGrace: 500 } },
    { use: 'waha-api' },
    { use: 'lowdb', config: { folder } },
    { use: 'sqlite', config: { folder } },
    { use: 'sandbox', config: { connect: options.whatsApp } },
    { use: 'baileys', config: options.baileys ?? {} },
    ...(options.files ? [{ use: 'files', config: { folder: join(folder, 'files'), ...options.files } }] : []),
    {
      use: 'webhook',
      config: {
        url: options.webhook,
        events: ['*'],
        hmac: { key: hmacKey },
        retries: { policy: 'constant', delaySeconds: 0.05, attempts: 100 },
        // What tests say of an order is promised with this alone: otherwise requests overtake each other.
        order: 'session',
      },
    },
    ...(options.plugins?.(folder) ?? []),
  ],
  stores: { sessions: 'lowdb', auth: 'sqlite', messages: 'sqlite', outbox: 'sqlite' },
  network: { allow: { hosts: ['localhost'], cidrs: ['127.0.0.0/8'] } },
  session: { ...options.session, timings: { ...quick, ...options.timings } },
  ...options.more,
  worker: { startJitter: 0, ...(options.more?.['worker'] as object | undefined) },
});

/** A folder of its own, and the way to remove it. */
export const temporaryFolder = (): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'waha-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
