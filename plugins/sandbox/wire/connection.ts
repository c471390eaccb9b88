import type { Socket } from 'node:net';
import { inflateSync } from 'node:zlib';
import { type BinaryNode, decodeDecompressedBinaryNode } from '@whiskeysockets/baileys';
import * as tokens from '@whiskeysockets/baileys/lib/WABinary/constants.js';
import type { Clock } from 'waha-runtime';
import type { WebSocket } from 'ws';
import { serverIdentity } from './certificates.ts';
import { encodeStanza } from './encoding.ts';
import type { Faults } from './faults.ts';
import { FrameReader, frame } from './frames.ts';
import { type ClientFinish, NoiseResponder } from './noise.ts';
import type { Registration } from './registration.ts';

/** Who is logged in on a connection, as far as the wire has to know. */
export interface Party {
  /** Phone number of the account. */
  readonly number: string;
}

/** Whom a connection tells what happens on it. */
export interface ConnectionOwner<D extends Party> {
  readonly clock: Clock;
  readonly faults: Faults;
  /** The handshake is done and the client has said who it is. */
  finished(connection: Connection<D>, finish: ClientFinish): void;
  /** A stanza came. */
  received(connection: Connection<D>, stanza: BinaryNode): void;
  /** Bytes came that do not make sense; the connection is being closed. */
  broken(connection: Connection<D>, error: unknown): void;
}

/** One client socket: framing, Noise and binary nodes. What the stanzas mean is decided elsewhere. */
export class Connection<D extends Party = Party> {
  /** Base64 of the client's Noise key: the same for all connections of one session. Known after the handshake. */
  noiseKey: string | undefined;
  /** The linked device, after a login or a completed linking. */
  device: D | undefined;
  /** The data of a client that is not linked yet. */
  registration: Registration | undefined;
  /** True from the client's `passive/active` on: offline stanzas may flow. */
  active = false;
  /** Queries, by id, whose answers get lost on the way. */
  readonly lostAnswers = new Set<string>();
  readonly #socket: WebSocket;
  readonly #tcp: Socket;
  readonly #owner: ConnectionOwner<D>;
  readonly #reader = new FrameReader();
  #noise: NoiseResponder | undefined;
  #greeted = false;
  /** The last words are said. */
  #over = false;

  constructor(socket: WebSocket, tcp: Socket, owner: ConnectionOwner<D>) {
    this.#socket = socket;
    this.#tcp = tcp;
    this.#owner = owner;
    socket.on('message', (data: Buffer) => this.#read(data));
    socket.on('error', () => undefined);
  }

  /** Whether the client can still be reached. */
  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** The account, as far as known. */
  get number(): string | undefined {
    return this.device?.number;
  }

  /** Whether a fault makes the server deaf and dumb on this connection. */
  get silent(): boolean {
    return this.#owner.faults.find('silence', this) !== undefined;
  }

  /** Sends a stanza. False when it was not written: closed, or silenced by a fault. */
  send(stanza: BinaryNode): boolean {
    if (stanza.tag === 'iq' && this.lostAnswers.delete(stanza.attrs['id'] ?? '')) return false;
    return this.sendEncoded(() => encodeStanza(stanza));
  }

  /** Sends a stanza that may have been encoded ahead of time. */
  sendEncoded(encode: () => Uint8Array): boolean {
    if (!this.open || this.silent) return false;
    const slow = this.#owner.faults.strike('slow', this);
    if (!slow) return this.#write(encode());
    this.#owner.clock.setTimeout(() => this.#write(encode()), slow.delayMs);
    return true;
  }

  /** Sends last words, then closes the websocket. */
  end(...lastWords: BinaryNode[]): void {
    this.lastWords(...lastWords);
    this.#socket.close();
  }

  /** Says that the stream is over, and leaves the websocket open. Nothing is sent after that. */
  lastWords(...lastWords: BinaryNode[]): void {
    this.active = false;
    for (const stanza of lastWords) this.#write(encodeStanza(stanza));
    this.#over = lastWords.length > 0;
  }

  /** Cuts the TCP connection without a word. */
  reset(): void {
    this.active = false;
    this.#tcp.resetAndDestroy();
    this.#socket.terminate();
  }

  #write(encoded: Uint8Array): boolean {
    if (!this.open || this.#over || !this.#noise?.ready) return false;
    this.#socket.send(frame(this.#noise.seal(encoded)));
    return true;
  }

  #read(data: Buffer): void {
    try {
      for (const payload of this.#reader.push(data)) this.#take(payload);
    } catch (error) {
      this.#owner.broken(this, error);
      this.reset();
    }
  }

  #take(payload: Buffer): void {
    if (this.#noise?.ready) {
      this.#takeStanza(this.#noise.open(payload));
      return;
    }
    if (this.silent) return;
    this.#noise ??= new NoiseResponder(serverIdentity(), this.#reader.prologue ?? Buffer.alloc(0));
    if (!this.#greeted) {
      this.#greeted = true;
      const { answer, finish } = this.#noise.hello(payload);
      this.#socket.send(frame(answer));
      if (finish) this.#finished(finish);
      return;
    }
    this.#finished(this.#noise.finish(payload));
  }

  #finished(finish: ClientFinish): void {
    this.noiseKey = finish.noiseKey.toString('base64');
    this.#owner.finished(this, finish);
  }

  /** Stanzas start with a flag byte; bit 1 means that the rest is deflated (docs/protocol.md, "Frames and stanzas"). */
  #takeStanza(plain: Buffer): void {
    if (this.silent) return;
    const body = (plain[0] ?? 0) & 2 ? inflateSync(plain.subarray(1)) : plain.subarray(1);
    this.#owner.received(this, decodeDecompressedBinaryNode(body, tokens));
  }
}
