import { Command, InvalidArgumentError, Option } from 'commander';
import type { Builtins } from '../host/resolve.ts';
import { findConfig } from './find-config.ts';
import type { GivenServer } from './remote/local-server.ts';
import type { Server, ServerOptions } from './remote/server.ts';

/** What every command that speaks to a running server takes. */
interface Remote extends GivenServer {
  /** Of `waha doctor`. */
  readonly config?: string;
}

const usualConfig = 'waha.config.yaml';

type FetchBuiltins = () => Promise<Builtins>;

/** The commands that speak to a running server by its URL and key. */
export const remoteCommands = (fetchBuiltins: FetchBuiltins): Command[] => [
  statusCommand(),
  qrCommand(),
  sendCommand(),
  tailCommand(),
  importCommand(fetchBuiltins),
  exportCommand(fetchBuiltins),
  backupCommand(),
  doctorCommand(fetchBuiltins),
  mcpCommand(),
];

/** The file that a command is about, unless it says otherwise. */
export const configOption = (): Option =>
  new Option('-c, --config <file>', 'the YAML file, or one of those that come along: configs/sandbox.yaml')
    .env('WAHA_CONFIG')
    .argParser(findConfig)
    .default(usualConfig);

/** A port, as an argument. */
export const portNumber = (text: string): number => {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('a port is 0 to 65535.');
  return Number(text);
};

export const initCommand = (): Command =>
  new Command('init')
    .description('write a commented YAML file and an API key; asks, or takes flags')
    .argument('[folder]', 'where to', '.')
    .option('--port <number>', 'of the API and the dashboard', portNumber)
    .option('--webhook <url>', 'where events go')
    .option('--sandbox', 'play WhatsApp on this machine, to try it without a phone')
    .option('-y, --yes', 'ask nothing')
    .action(async (folder: string, flags: { port?: number; webhook?: string; sandbox?: true; yes?: true }) => {
      const { init } = await import('./init.ts');
      process.exitCode = await init({ ...flags, folder });
    });

export const restoreCommand = (): Command =>
  new Command('restore')
    .description('unpack a backup into an empty data folder')
    .argument('<file>', 'what `waha backup` wrote')
    .argument('[folder]', 'where to; without it, where waha.config.yaml here has its databases, or .sessions')
    .action(async (file: string, folder: string | undefined) => {
      const { restore } = await import('./restore.ts');
      const { dataFolderOf } = await import('./data-folder.ts');
      process.exitCode = await restore({ file, folder: folder ?? dataFolderOf('waha.config.yaml') });
    });

export const completionCommand = (program: Command): Command =>
  new Command('completion')
    .description('print a script that completes commands and options: eval "$(waha completion bash)"')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      const { completionScript } = await import('./completion.ts');
      console.log(completionScript(program, shell));
    });

const remote = (name: string): Command =>
  new Command(name)
    .addOption(
      new Option('-u, --url <address>', 'of the server; without it, the one that the YAML file here describes').env(
        'WAHA_URL',
      ),
    )
    .addOption(new Option('-k, --api-key <key>', 'its key; without it, the one of the YAML file').env('WAHA_API_KEY'));

const addressOf = async ({ config, ...given }: Remote): Promise<ServerOptions> => {
  const { chooseServer } = await import('./remote/local-server.ts');
  return chooseServer(given, config ?? findConfig(process.env['WAHA_CONFIG'] ?? usualConfig));
};

const serverOf = async (remote: Remote): Promise<Server> => {
  const { Server } = await import('./remote/server.ts');
  return new Server(await addressOf(remote));
};

const statusCommand = (): Command =>
  remote('status')
    .description('list the sessions of a running server, with why they do not work')
    .option('--json', 'as JSON')
    .action(async ({ json = false, ...server }: Remote & { json?: boolean }) => {
      const { showStatus } = await import('./remote/status.ts');
      process.exitCode = await showStatus({ server: await serverOf(server), json });
    });

const qrCommand = (): Command =>
  remote('qr')
    .description('draw the code of a session, follow its changes, and end when it is linked')
    .argument('<session>', 'made when there is none of this name')
    .option('--phone <number>', 'show a code to type into this phone instead')
    .action(async (name: string, { phone, ...server }: Remote & { phone?: string }) => {
      const { showQr } = await import('./remote/qr.ts');
      const options = phone === undefined ? {} : { phone };
      process.exitCode = await showQr({ server: await serverOf(server), name, ...options });
    });

const sendCommand = (): Command =>
  remote('send')
    .description('send a text')
    .argument('<session>')
    .argument('<to>', 'a phone number with its country code, or a chat id')
    .argument('<text...>')
    .action(async (name: string, to: string, text: string[], server: Remote) => {
      const { sendText } = await import('./remote/send.ts');
      process.exitCode = await sendText({ server: await serverOf(server), name, to, text: text.join(' ') });
    });

interface TailFlags extends Remote {
  readonly events?: string[];
  readonly json?: boolean;
  readonly path?: string;
}

const tailCommand = (): Command =>
  remote('tail')
    .description('show events as they happen')
    .argument('[session]', 'all of them when absent')
    .option('-e, --events <names...>', 'these only; * for all')
    .option('--json', 'one JSON object a line')
    .option('--path <path>', "where the server's plugin websocket listens", '/ws')
    .action(async (name: string | undefined, flags: TailFlags) => {
      const { tailEvents } = await import('./remote/tail.ts');
      const server = await serverOf(flags);
      process.exitCode = await tailEvents({ server, ...(name === undefined ? {} : { name }), ...flags });
    });

const doctorCommand = (fetchBuiltins: FetchBuiltins): Command =>
  remote('doctor')
    .description('look at config, versions, disk, clock, the way to WhatsApp, the server and its webhooks')
    .addOption(configOption())
    .option('--whatsapp <url>', 'ask there instead of at web.whatsapp.com')
    .action(async ({ whatsapp, ...flags }: Remote & { config: string; whatsapp?: string }) => {
      const { doctor } = await import('./doctor.ts');
      const builtins = await fetchBuiltins();
      const where = whatsapp === undefined ? {} : { whatsApp: whatsapp };
      process.exitCode = await doctor({ configFile: flags.config, builtins, server: await serverOf(flags), ...where });
    });

const mcpCommand = (): Command =>
  remote('mcp')
    .description("serve a server's tools to a desktop agent, over standard input and output")
    .action(async (given: Remote) => {
      const { bridgeMcp } = await import('./remote/mcp.ts');
      const { stdin: input, stdout: output } = process;
      process.exitCode = await bridgeMcp({ ...(await addressOf(given)), input, output });
    });

const passphraseOption = (): Option =>
  new Option('-p, --passphrase <text>', 'of the exported file').env('WAHA_PASSPHRASE');

const backupCommand = (): Command =>
  remote('backup')
    .description('copy everything that a running server keeps to a file, files of messages aside')
    .argument('<place>', 'a new file, or a folder for it')
    .action(async (place: string, server: Remote) => {
      const { backUp } = await import('./remote/back-up.ts');
      process.exitCode = await backUp({ server: await serverOf(server), place });
    });

interface ImportFlags extends Remote {
  readonly instances?: string;
  readonly name?: string;
  readonly only?: string[];
  readonly passphrase?: string;
  readonly dryRun?: true;
  readonly start: boolean;
  readonly messages: boolean;
  readonly force?: true;
}

const importCommand = (fetchBuiltins: FetchBuiltins): Command =>
  remote('import')
    .description(
      'import sessions of another server without a new scan: WAHA (NOWEB), Evolution, Baileys, or `waha export`',
    )
    .argument(
      '<place>',
      "WAHA's .sessions, a folder of Baileys' useMultiFileAuthState, an exported file, or postgres://… of WAHA or Evolution",
    )
    .option('--instances <folder>', "Evolution's folder of keys, beside its database")
    .option('--name <name>', 'what the session is called here, when there is one')
    .option('--only <names...>', 'these sessions only')
    .option('--dry-run', 'say what is there and change nothing')
    .option('--no-start', 'leave them stopped')
    .option('--no-messages', 'leave chats and messages')
    .option('--force', 'although its server seems to run: it is known to be gone')
    .addOption(passphraseOption())
    .action(async (place: string, { start, ...flags }: ImportFlags) => {
      const { importSessions } = await import('./remote/import-sessions.ts');
      const server = await serverOf(flags);
      const options = { ...flags, ...(start ? {} : { start }) };
      process.exitCode = await importSessions({ server, builtins: await fetchBuiltins(), place, ...options });
    });

interface ExportFlags extends Remote {
  readonly out?: string;
  readonly folder?: string;
  readonly passphrase?: string;
  readonly stop?: true;
}

const exportCommand = (fetchBuiltins: FetchBuiltins): Command =>
  remote('export')
    .description('write a stopped session with its account to an encrypted file, for another server')
    .argument('<session>')
    .option('-o, --out <file>', 'where to; <session>.waha-session')
    .option('--folder <folder>', "as files of Baileys' useMultiFileAuthState, which WAHA reads, too; not encrypted")
    .option('--stop', 'stop it first')
    .addOption(passphraseOption())
    .action(async (name: string, flags: ExportFlags) => {
      const { exportSession } = await import('./remote/export-session.ts');
      const server = await serverOf(flags);
      process.exitCode = await exportSession({ ...flags, server, builtins: await fetchBuiltins(), name });
    });
