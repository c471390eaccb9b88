import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import {
  completionCommand,
  configOption,
  initCommand,
  portNumber,
  remoteCommands,
  restoreCommand,
} from './cli/commands.ts';
import { exitCodeOf, printError } from './cli/failure.ts';
import type { Builtins } from './host/resolve.ts';
import { version } from './version.ts';

interface ConfigOptions {
  readonly config: string;
}

/**
 * The `waha` command. Sets the exit code: 0 went well, 1 failed at run time, 2 wrong config or usage. Errors are
 * one line each on standard error; `--debug` adds where they came from.
 */
export const main = async (argv: readonly string[]): Promise<void> => {
  const program = buildProgram();
  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      printError(error, program.opts<{ debug?: boolean }>().debug === true);
      process.exitCode = exitCodeOf(error);
    }
  }
  if (process.exitCode !== undefined) leaveSoon();
};

/** Libraries leave timers behind (Baileys one of 30 s); output gets a moment to drain, then the process ends. */
const leaveSoon = (): void => {
  setTimeout(() => process.exit(), 100).unref();
};

const buildProgram = (): Command => {
  const program = new Command('waha')
    .description('A WhatsApp automation server made of plugins.')
    .version(version, '-v, --version')
    .option('--debug', 'print where an error came from')
    .showHelpAfterError("(try 'waha --help')")
    .exitOverride();
  const commands = [
    initCommand(),
    restoreCommand(),
    startCommand(),
    devCommand(),
    checkCommand(),
    pluginsCommand(),
    schemaCommand(),
    sandboxCommand(),
  ];
  for (const command of [...commands, ...remoteCommands(fetchBuiltins)])
    program.addCommand(command.copyInheritedSettings(program));
  program.addCommand(pluginCommand(program).copyInheritedSettings(program));
  program.addCommand(completionCommand(program).copyInheritedSettings(program));
  return program;
};

interface StartFlags {
  readonly acceptDataLoss?: boolean;
  readonly restored?: boolean;
  readonly workers?: number;
}

const mostWorkers = 256;

const workersOf = (text: string): number => {
  const count = text === 'auto' ? availableParallelism() : Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= mostWorkers) return count;
  throw new InvalidArgumentError(`It is a number from 1 to ${mostWorkers}, or 'auto'.`);
};

const startCommand = (): Command =>
  new Command('start')
    .description('run the deployment that a YAML file describes')
    .addOption(configOption())
    .option('--accept-data-loss', 'go on although data that were there at the last start are gone')
    .option('--restored', 'the data are a copy that was not made by `waha backup`, and the original went on')
    .option('--workers <count>', 'so many processes on one port, or `auto`: one per core; on PostgreSQL', workersOf)
    .action(async ({ config, ...flags }: ConfigOptions & StartFlags) => {
      const { start } = await import('./cli/start.ts');
      process.exitCode = await start({ configFile: config, builtins: await fetchBuiltins(), ...flags });
    });

const checkCommand = (): Command =>
  new Command('check')
    .description('check a YAML file and its plugins without starting anything')
    .addOption(configOption())
    .action(async ({ config }: ConfigOptions) => {
      const { check } = await import('./cli/check.ts');
      await check({ configFile: config, builtins: await fetchBuiltins() });
    });

const devCommand = (): Command =>
  new Command('dev')
    .description('run a deployment and take over changed plugins while the sessions stay connected')
    .addOption(configOption())
    .action(async ({ config }: ConfigOptions) => {
      const { dev } = await import('./cli/dev.ts');
      process.exitCode = await dev({ configFile: config, builtins: await fetchBuiltins() });
    });

const pluginsCommand = (): Command =>
  new Command('plugins')
    .description('list the plugins of a YAML file, or of a running server, in the order of their setup')
    .addOption(configOption())
    .option('-u, --url <address>', 'ask this server')
    .addOption(new Option('-k, --api-key <key>', 'the key of that server').env('WAHA_API_KEY'))
    .action(async ({ config, ...server }: ConfigOptions & { url?: string; apiKey?: string }) => {
      const { listPlugins } = await import('./cli/list-plugins.ts');
      process.exitCode = await listPlugins({ configFile: config, builtins: await fetchBuiltins(), ...server });
    });

const pluginCommand = (program: Command): Command => {
  const parent = new Command('plugin').description('write a plugin and try it');
  const create = new Command('new')
    .description('write a package with a plugin, its test and a config to try it with')
    .argument('<name>', 'of the package: my-plugin, or @me/my-plugin')
    .argument('[folder]', 'where to; the name when absent')
    .action(async (name: string, folder?: string) => {
      const { newPlugin } = await import('./cli/new-plugin.ts');
      newPlugin(name, folder);
    });
  const again = new Command('replay')
    .description("give recorded events to a config's own plugins, without WhatsApp, and show what they would send")
    .argument('<file>', 'the body of a webhook, a list of them, or one on each line')
    .addOption(configOption())
    .action(async (eventFile: string, { config }: ConfigOptions) => {
      const { replay } = await import('./cli/replay.ts');
      process.exitCode = await replay({ eventFile, configFile: config, builtins: await fetchBuiltins() });
    });
  for (const command of [create, again]) parent.addCommand(command.copyInheritedSettings(program));
  return parent;
};

const schemaCommand = (): Command =>
  new Command('schema')
    .description('write the JSON schema of the YAML file, for editors')
    .option('-o, --out <file>', "where to; '-' is standard output", 'configs/schema.json')
    .action(async ({ out }: { out: string }) => {
      const { writeSchema } = await import('./cli/write-schema.ts');
      await writeSchema(out, await fetchBuiltins());
    });

const sandboxCommand = (): Command =>
  new Command('sandbox')
    .description("play WhatsApp's side on this machine, in a process of its own")
    .requiredOption('-p, --port <number>', 'where WhatsApp listens; 0 takes a free one', portNumber)
    .option('--control-port <number>', 'where the phones are controlled', portNumber)
    .action(async ({ port, controlPort }: { port: number; controlPort?: number }) => {
      const { runSandbox } = await import('./cli/run-sandbox.ts');
      const options = controlPort === undefined ? { port } : { port, controlPort };
      process.exitCode = await runSandbox(options, await fetchBuiltins());
    });

/** The only place in `core` that knows the built-in plugins. */
const fetchBuiltins = async (): Promise<Builtins> => (await import('../plugins/index.ts')).builtins;
