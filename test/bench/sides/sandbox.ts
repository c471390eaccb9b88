import type { Package } from '../package.ts';
import { call } from './http.ts';
import { NodeProcess } from './process.ts';

/** What the load API answers. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** The number that every account talks to. The load API of the sandbox writes as this contact first. */
export const contactNumber = '55990000000';

/** WhatsApp's side, in a process of its own. */
export class Sandbox {
  readonly url: string;
  readonly rootKey: string;
  readonly controlUrl: string;
  readonly process: NodeProcess;

  private constructor(process: NodeProcess, places: { url: string; rootKey: string; controlUrl: string }) {
    this.process = process;
    this.url = places.url;
    this.rootKey = places.rootKey;
    this.controlUrl = places.controlUrl;
  }

  static async start(built: Package): Promise<Sandbox> {
    const process = new NodeProcess(built.command, ['sandbox', '--port', '0', '--control-port', '0']);
    const [, url = '', rootKey = ''] = await process.line(/WhatsApp: (\S+) \(root key (\w+)\)/);
    const [, controlUrl = ''] = await process.line(/Control:\s+(\S+)\/api\/sandbox/);
    const sandbox = new Sandbox(process, { url, rootKey, controlUrl });
    await sandbox.#post('/contacts', { number: contactNumber, name: 'Bench' });
    return sandbox;
  }

  scan(phone: string, qr: string): Promise<unknown> {
    return this.#post(`/phones/${phone}/scan`, { qr });
  }

  /** Gives a phone a past, which sessions that it links afterwards are handed. */
  remember(phone: string, past: { readonly chats: number; readonly messages: number }): Promise<unknown> {
    return this.#post(`/phones/${phone}/history`, past);
  }

  /** Makes a group of the contact, an account and others, and resolves with its JID. */
  async group(phone: string, others: readonly string[] = []): Promise<string> {
    const body = { subject: 'Bench', owner: contactNumber, participants: [phone, ...others] };
    const { jid } = await this.#post<{ jid: string }>('/groups', body);
    return jid;
  }

  /** Whether somebody's phone confirms what it gets. */
  confirms(number: string, confirms: boolean): Promise<unknown> {
    return this.#post('/contacts', { number, confirms });
  }

  /** Encrypts, then writes to the accounts or groups with so many unconfirmed messages at a time. */
  load(phones: readonly string[], messages: number, inFlight: number): Promise<LoadResult> {
    return this.#post('/load', { phones, contacts: 1, messages, inFlight });
  }

  #post<T>(path: string, body: object): Promise<T> {
    return call<T>('POST', `${this.controlUrl}/api/sandbox${path}`, body);
  }
}
