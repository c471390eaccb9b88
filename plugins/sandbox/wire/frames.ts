const MAGIC = Buffer.from('WA');
const ROUTING = Buffer.from('ED');

/** Bytes that no WhatsApp client would send. The connection is closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/**
 * Cuts the byte stream of a client into payloads. A websocket message may hold a part of a frame or several of them.
 * The stream starts with `WA`, a protocol byte and a dictionary byte, before that optionally `ED 00 01 <length:3>
 * <routing info>`; then frames of `<length:3 big-endian><payload>` (docs/protocol.md, "Frames and stanzas").
 */
export class FrameReader {
  /** The four intro bytes, known after the first bytes came: the prologue of the Noise handshake. */
  prologue: Buffer | undefined;
  #pending: Buffer = Buffer.alloc(0);

  /** Takes bytes in, gives the payloads that are complete. Throws {@link ProtocolError} on a foreign intro. */
  push(bytes: Buffer): Buffer[] {
    this.#pending = this.#pending.length ? Buffer.concat([this.#pending, bytes]) : bytes;
    if (!this.prologue && !this.#readIntro()) return [];
    const payloads: Buffer[] = [];
    for (;;) {
      if (this.#pending.length < 3) return payloads;
      const end = 3 + this.#pending.readUIntBE(0, 3);
      if (this.#pending.length < end) return payloads;
      payloads.push(this.#pending.subarray(3, end));
      this.#pending = this.#pending.subarray(end);
    }
  }

  #readIntro(): boolean {
    if (this.#pending.subarray(0, 2).equals(ROUTING)) {
      if (this.#pending.length < 7) return false;
      const end = 7 + this.#pending.readUIntBE(4, 3);
      if (this.#pending.length < end) return false;
      this.#pending = this.#pending.subarray(end);
    }
    if (this.#pending.length < 4) return false;
    if (!this.#pending.subarray(0, 2).equals(MAGIC)) throw new ProtocolError('the intro is not that of WhatsApp');
    this.prologue = Buffer.from(this.#pending.subarray(0, 4));
    this.#pending = this.#pending.subarray(4);
    return true;
  }
}

/** A payload with its three length bytes in front. */
export function frame(payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(3 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes.set(payload, 3);
  return bytes;
}
