import type { Package } from '../package.ts';
import { NodeProcess } from './process.ts';
import { contactNumber, type Sandbox } from './sandbox.ts';

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
    const { ms } = await this.process.call<{ ms: number }>('link', { numbers, atOnce });
    this.numbers.push(...numbers);
    await this.process.call('greet', { numbers, to: contactNumber });
    return numbers.length / (ms / 1000);
  }

  /** Connects saved sessions; resolves with how many a second. */
  async resume(numbers: readonly string[], atOnce: number, folder: string): Promise<number> {
    const { ms } = await this.process.call<{ ms: number }>('resume', { numbers, atOnce, folder });
    return numbers.length / (ms / 1000);
  }

  /** Sends texts; resolves with how many a second. */
  async send(number: string, count: number, inFlight: number): Promise<number> {
    const { ms } = await this.process.call<{ ms: number }>('send', { number, to: contactNumber, count, inFlight });
    return count / (ms / 1000);
  }

  save(folder: string): Promise<void> {
    return this.process.call('save', { folder });
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}
