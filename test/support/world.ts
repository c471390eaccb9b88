import { configFrom } from '../../core/config/load.ts';
import { type Runtime, startRuntime } from '../../core/runtime.ts';
import { chatIdOf } from '../../plugins/baileys/messages/ids.ts';
import { builtins } from '../../plugins/index.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../plugins/sandbox/sandbox.ts';
import { Api } from './api.ts';
import { type DeploymentOptions, deployment, temporaryFolder } from './deployment.ts';
import { Hooks } from './hooks.ts';

/** The sandbox is what a user meets unless a suite says otherwise: contacts write from hidden ids, with the number beside them. */
export interface WorldOptions extends Omit<DeploymentOptions, 'whatsApp' | 'webhook'> {
  readonly sandbox?: SandboxOptions;
}

/** The outside: WhatsApp, the receiver of webhooks, and a folder. It outlives the runtimes that are started in it. */
export interface Surroundings {
  readonly sandbox: Sandbox;
  readonly hooks: Hooks;
  readonly folder: string;
  /** The YAML of the deployment, as a value. */
  readonly yaml: ReturnType<typeof deployment>;
  close(): Promise<void>;
}

/** Sets the outside up. */
export const surroundings = async (options: WorldOptions = {}): Promise<Surroundings> => {
  const sandbox = await startSandbox({ receiptDelayMs: 120, ...options.sandbox });
  const hooks = await Hooks.start();
  const { path, remove } = temporaryFolder();
  const yaml = deployment(path, { ...options, whatsApp: sandbox.endpoint.url, webhook: hooks.url });
  const close = async (): Promise<void> => {
    await Promise.all([sandbox.close(), hooks.close()]);
    remove();
  };
  return { sandbox, hooks, folder: path, yaml, close };
};

/** Everything real, in this process: the runtime with all its plugins, and the outside. */
export class World {
  readonly outside: Surroundings;
  runtime: Runtime;
  api: Api;
  /** The ids of all events that webhooks get which ask for `*`. */
  readonly #published = new Set<string>();

  private constructor(outside: Surroundings, runtime: Runtime) {
    this.outside = outside;
    this.runtime = runtime;
    this.api = apiOf(runtime);
    this.#follow();
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const outside = await surroundings(options);
    try {
      return new World(outside, await boot(outside));
    } catch (error) {
      await outside.close();
      throw error;
    }
  }

  get sandbox(): Sandbox {
    return this.outside.sandbox;
  }

  /** By which of its ids events name somebody who writes, `from`, and the other one, which stands beside it. */
  namesOf(number: string): { from: string; fromAlt: string } {
    const { jid, lid, address } = this.sandbox.contact(number);
    const byNumber = chatIdOf(jid);
    return address === lid ? { from: lid, fromAlt: byNumber } : { from: byNumber, fromAlt: lid };
  }

  get hooks(): Hooks {
    return this.outside.hooks;
  }

  /**
   * How many webhooks have come, when those of everything that is published by now have: what is behind is news, and nothing
   * before is still on its way.
   */
  async mark(): Promise<number> {
    await this.runtime.bus.idle();
    await this.hooks.arrived(this.#published);
    return this.hooks.all.length;
  }

  /** Creates a session, lets the phone scan its code, and waits until it is WORKING. */
  async link(session: string, phone: string, config: object = {}): Promise<void> {
    const from = await this.mark();
    await this.api.post('/api/sessions', { name: session, config });
    await this.scan(session, phone);
    await this.hooks.status(session, 'WORKING', from);
  }

  /** Lets the phone scan the code that the session shows now. */
  async scan(session: string, phone: string): Promise<void> {
    const { body } = await this.api.get(`/api/${session}/auth/qr?format=raw`);
    await this.sandbox.phone(phone).scan(body.value);
  }

  /** Stops the runtime and starts another one on the same data. */
  async reboot(): Promise<void> {
    await this.runtime.stop();
    this.runtime = await boot(this.outside);
    this.api = apiOf(this.runtime);
    this.#follow();
  }

  async close(): Promise<void> {
    await this.runtime.stop();
    await this.outside.close();
  }

  #follow(): void {
    this.runtime.bus.subscribe('the test', ({ id, event }) => {
      if (event !== 'engine.event') this.#published.add(id);
    });
  }
}

const boot = ({ yaml }: Surroundings): Promise<Runtime> => startRuntime({ config: configFrom(yaml), builtins });

const apiOf = ({ url }: Runtime): Api => {
  if (url === null) throw new Error('the runtime has no HTTP server');
  return new Api(url);
};
