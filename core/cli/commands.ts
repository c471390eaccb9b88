import { Command, Option } from 'commander';
import type { Builtins } from '../host/resolve.ts';
import type { Server } from './remote/server.ts';

/** What every command that speaks to a running server takes. */
interface Remote {
  readonly url: string;
  readonly apiKey?: string;
}

type FetchBuiltins = () => Promise<Builtins>;

/** The commands that speak to a running server by its URL and key. */
export const remoteCommands = (fetchBuiltins: FetchBuiltins): Command[] => [
  importCommand(fetchBuiltins),
  exportCommand(fetchBuiltins),
];

const remote = (name: string): Command =>
  new Command(name)
    .addOption(
      new Option('-u, --url <address>', 'of the server')
        .env('WAHA_URL')
        .default(`http://localhost:${process.env['WHATSAPP_API_PORT'] ?? '3000'}`),
    )
    .addOption(new Option('-k, --api-key <key>', 'its key').env('WAHA_API_KEY'));

const serverOf = async ({ url, apiKey }: Remote): Promise<Server> => {
  const { Server } = await import('./remote/server.ts');
  return new Server({ url, ...(apiKey === undefined ? {} : { apiKey }) });
};

const passphraseOption = (): Option =>
  new Option('-p, --passphrase <text>', 'of the exported file').env('WAHA_PASSPHRASE');

interface ImportFlags extends Remote {
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
    .description('take over sessions of another server, linked as they are: WAHA (NOWEB), Baileys, or `waha export`')
    .argument('<place>', "WAHA's .sessions, a folder of Baileys' useMultiFileAuthState, or an exported file")
    .option('--name <name>', 'what the session is called here, when there is one')
    .option('--only <names...>', 'these sessions only')
    .option('--dry-run', 'say what is there and change nothing')
    .option('--no-start', 'leave them stopped')
    .option('--no-messages', 'leave chats and messages')
    .option('--force', 'although its server seems to run: it is known to be gone')
    .addOption(passphraseOption())
    .action(async (place: string, { url, apiKey, start, ...flags }: ImportFlags) => {
      const { importSessions } = await import('./remote/import-sessions.ts');
      const server = await serverOf({ url, ...(apiKey === undefined ? {} : { apiKey }) });
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
