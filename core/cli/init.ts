import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface InitOptions {
  readonly folder: string;
  readonly port?: number;
  /** Where events go. */
  readonly webhook?: string;
  /** WhatsApp is played on this machine. */
  readonly sandbox?: boolean;
  /** Ask nothing. */
  readonly yes?: boolean;
}

interface Answers {
  readonly port: number;
  readonly webhook: string;
  readonly sandbox: boolean;
}

const names = { config: 'waha.config.yaml', key: 'waha.key' } as const;

/** `waha init`: writes a commented YAML and a key, and says what comes next. Resolves with the exit code. */
export const init = async (options: InitOptions): Promise<number> => {
  const { folder } = options;
  for (const name of Object.values(names)) {
    if (!existsSync(join(folder, name))) continue;
    throw new Error(`${join(folder, name)} is there already; nothing was changed`);
  }
  const answers = await answersOf(options);
  if (answers === null) return 1;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, names.key), `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  writeFileSync(join(folder, names.config), yamlOf(answers), { flag: 'wx' });
  const there = relative('', folder);
  const lines = [
    `wrote ${join(there, names.config)} and ${join(there, names.key)}, the API key`,
    '',
    `  ${there === '' ? '' : `cd ${there} && `}npx waha start`,
    '',
    `then open http://localhost:${answers.port} and sign in with the key; \`npx waha qr default\` links a phone from here`,
  ];
  console.log(lines.join('\n'));
  return 0;
};

const answersOf = async ({ port = 3000, webhook = '', sandbox = false, ...rest }: InitOptions) => {
  const given = { port, webhook, sandbox };
  if (rest.yes || !process.stdin.isTTY || !process.stdout.isTTY) return given;
  const { confirm, isCancel, text } = await import('@clack/prompts');
  const asked: Answers = {
    port: Number(
      await text({ message: 'Port of the API and the dashboard', initialValue: String(port), validate: portFault }),
    ),
    webhook: String(
      (await text({ message: 'URL that gets events (empty: none)', initialValue: webhook, validate: urlFault })) ?? '',
    ),
    sandbox: await confirm({
      message: 'Play WhatsApp on this machine, to try it without a phone?',
      initialValue: sandbox,
    }).then((answer) => answer === true),
  };
  return isCancel(asked.port) || Number.isNaN(asked.port) ? null : asked;
};

const portFault = (value: string | undefined): string | undefined =>
  /^\d+$/.test(value ?? '') && Number(value) > 0 && Number(value) < 65_536 ? undefined : 'a port is 1 to 65535';

const urlFault = (value: string | undefined): string | undefined =>
  !value || /^https?:\/\//i.test(value) ? undefined : 'an http: or https: URL';

const yamlOf = ({
  port,
  webhook,
  sandbox,
}: Answers): string => `# A deployment of waha-runtime. \`npx waha check\` looks it over, \`npx waha start\` runs it.
# Every key: node_modules/waha-runtime/docs/configuration.md
plugins:
  # The HTTP API, and what else answers over HTTP. The key is in the file beside this one.
  - use: express
    config:
      port: "\${WHATSAPP_API_PORT:-${port}}"
      apiKey: "\${WAHA_API_KEY:-\${file:${names.key}}}"
      # host: 127.0.0.1        # only this machine, behind a proxy
      # baseUrl: https://waha.example.org   # how others reach it: in links to files
  - use: waha-api
  # Further keys with limits, by /api/keys.
  - use: keys
    config: { file: .sessions/keys.secret }

  # Where everything is kept: session definitions as JSON, the rest in one SQLite file. Back this folder up by \`waha backup\`.
  - use: lowdb
    config: { folder: .sessions }
  - use: sqlite
    config: { folder: .sessions }
${sandbox ? '\n  # WhatsApp, played on this machine: no message leaves it. Take it out to use real phones.\n  - use: sandbox\n' : ''}
  # WhatsApp Web without a browser.
  - use: baileys
  # Files of messages that come, and for how long they are kept.
  - use: files
    config: { folder: .sessions/files, lifetimeSeconds: 86400 }

  # Events go out by webhooks (also those of sessions) and over /ws.
  - use: webhook
${webhook === '' ? '    # config: { url: https://example.org/hook, events: [message, session.status] }' : `    config: { url: ${JSON.stringify(webhook)}, events: [message, session.status] }`}
  - use: websocket
  - use: metrics
  # The page at /dashboard, where / leads.
  - use: dashboard
stores: { sessions: lowdb, auth: sqlite, messages: sqlite, outbox: sqlite }
${sandbox || isLocal(webhook) ? '# URLs of users may lead to this machine.\nnetwork: { allow: { hosts: [localhost], cidrs: [127.0.0.0/8, "::1/128"] } }\n' : ''}`;

const isLocal = (url: string): boolean => /^https?:\/\/(?:localhost|127\.)/i.test(url);
