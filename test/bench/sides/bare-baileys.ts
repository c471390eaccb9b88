import type { Package } from '../package.ts';
import { NodeProcess } from './process.ts';
import { contactNumber, type Sandbox } from './sandbox.ts';

/** How saved sessions are connected. */
export interface ResumeOptions {
  readonly atOnce: number;
  readonly folder: string;
  /** No further session is begun with after so long. */
  readonly limitMs: number;
}

/** How many sockets one process links: before Node 24 each of them slows down all the others in its process. */
const perProcess = 50;

/** Links sessions in short-lived processes and leaves them in a folder, for a process that resumes them. */
export const linkBare = async (
  built: Package,
  sandbox: Sandbox,
  numbers: readonly string[],
  { atOnce, folder }: Pick<ResumeOptions, 'atOnce' | 'folder'>,
): Promise<void> => {
  for (let from = 0; from < numbers.length; from += perProcess) {
    const bare = await BareBaileys.start(built, sandbox, null);
    try {
      await bare.link(numbers.slice(from, from + perProcess), atOnce);
      await bare.save(folder);
    } finally {
      await bare.stop();
    }
  }
};

/** The floor: bare Baileys in a process of its own. */
export class BareBaileys {
  readonly process: NodeProcess;
  readonly numbers: string[] = [];

  /** Where its WebSocket is; empty when it posts. */
  readonly webSocket: string;

  private constructor(process: NodeProcess, webSocket: string) {
    this.process = process;
    this.webSocket = webSocket;
  }

  /** With a webhook it posts messages there; without one it writes them to everyone who is connected to its WebSocket. */
  static async start(built: Package, sandbox: Sandbox, webhook: string | null): Promise<BareBaileys> {
    const process = new NodeProcess(built.child('baileys'), [], { flags: ['--expose-gc'] });
    const places = { whatsApp: sandbox.url, control: sandbox.controlUrl, webhook };
    const { webSocket } = await process.call<{ webSocket: string }>('configure', places);
    return new BareBaileys(process, webSocket);
  }

  /** Links new sessions, and lets each answer its contact once; resolves with how many were linked a second. */
  async link(numbers: readonly string[], atOnce: number): Promise<number> {
    const limitMs = 60_000 + numbers.length * 10_000;
    const { ms } = await this.process.call<{ ms: number }>('link', { numbers, atOnce }, limitMs);
    this.numbers.push(...numbers);
    await this.process.call('greet', { numbers, to: contactNumber }, limitMs);
    return numbers.length / (ms / 1000);
  }

  /** Connects saved sessions, as many as the limit allows; resolves with how many a second. */
  async resume(numbers: readonly string[], { atOnce, folder, limitMs }: ResumeOptions): Promise<number> {
    const input = { numbers, atOnce, folder, limitMs };
    const { ms, done } = await this.process.call<{ ms: number; done: string[] }>('resume', input);
    this.numbers.push(...done);
    return done.length / (ms / 1000);
  }

  /** Sends texts to a number, or to a group by its JID; resolves with how many a second. */
  async send(number: string, count: number, inFlight: number, to: string = contactNumber): Promise<number> {
    const { ms } = await this.process.call<{ ms: number }>('send', { number, to, count, inFlight });
    return count / (ms / 1000);
  }

  /** Ends its sockets, and writes what they need to be resumed by another process. */
  save(folder: string): Promise<void> {
    return this.process.call('save', { folder });
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}
