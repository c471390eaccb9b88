import type { decodePatches } from '@whiskeysockets/baileys';

type Logger = NonNullable<Parameters<typeof decodePatches>[6]>;

/** Baileys passes over a patch that it cannot verify and says so to its log alone: here somebody listens. */
export class DecodingLog implements Logger {
  readonly level = 'warn';
  /** Whether there was anything to complain about. */
  complained = false;

  child(): this {
    return this;
  }

  trace(): void {}

  debug(): void {}

  info(): void {}

  warn(): void {
    this.complained = true;
  }

  error(): void {
    this.complained = true;
  }
}
