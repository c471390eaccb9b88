import { makeWASocket, useMultiFileAuthState, type WASocket } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import type { Sandbox } from '../../plugins/sandbox/sandbox.ts';

/**
 * A bot as Baileys' README has it, with its state in a folder by Baileys' own `useMultiFileAuthState`: what WAHA's engine NOWEB leaves, too.
 */
export class StockBaileys {
  readonly #sandbox: Sandbox;
  readonly #folder: string;
  #socket: WASocket | undefined;

  constructor(sandbox: Sandbox, folder: string) {
    this.#sandbox = sandbox;
    this.#folder = folder;
  }

  get socket(): WASocket {
    if (!this.#socket) throw new Error('not connected');
    return this.#socket;
  }

  /** Links the folder's device to a phone, and is connected. */
  async link(number: string): Promise<void> {
    const socket = await this.#open();
    const closed = this.#until(socket, ({ connection }) => connection === 'close' || undefined);
    const qr = await this.#until(socket, (update) => update.qr);
    await this.#sandbox.phone(number).scan(qr);
    await closed;
    await this.resume();
  }

  /** Connects with what is in the folder. */
  async resume(): Promise<void> {
    const socket = await this.#open();
    await this.#until(socket, ({ connection }) => connection === 'open' || undefined);
  }

  /** Resolves with the message that has this text. */
  text(wanted: string): Promise<void> {
    return new Promise((resolve) => {
      this.socket.ev.on('messages.upsert', ({ messages }) => {
        const texts = messages.map(({ message }) => message?.conversation || message?.extendedTextMessage?.text);
        if (texts.includes(wanted)) resolve();
      });
    });
  }

  async stop(): Promise<void> {
    await this.#socket?.end(undefined);
    // Baileys does not say when the last file is written.
    await new Promise((resolve) => setTimeout(resolve, 500));
  }

  async #open(): Promise<WASocket> {
    const { state, saveCreds } = await useMultiFileAuthState(this.#folder);
    const logger = pino({ level: 'silent' }) as never;
    const socket = makeWASocket({ auth: state, logger, waWebSocketUrl: this.#sandbox.endpoint.url });
    socket.ev.on('creds.update', saveCreds);
    this.#socket = socket;
    return socket;
  }

  #until<T>(socket: WASocket, pick: (update: { qr?: string; connection?: string }) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      socket.ev.on('connection.update', (update) => {
        const picked = pick(update as { qr?: string; connection?: string });
        if (picked !== undefined) resolve(picked);
      });
    });
  }
}
