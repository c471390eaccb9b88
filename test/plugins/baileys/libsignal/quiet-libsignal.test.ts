import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { quietLibsignal } from '../../../../plugins/baileys/libsignal/quiet-libsignal.ts';

describe('libsignal on the console', () => {
  it('is silenced, and nobody else', () => {
    const said: unknown[][] = [];
    const say = (...args: unknown[]) => void said.push(args);
    const target = { info: say, warn: say, error: say } as unknown as Console;
    const restore = quietLibsignal(target);
    // libsignal itself speaks to the real console, so its call is made from a file of its name.
    const source = 'target.info("Closing session:", { privKey: "secret" }); target.warn("Something new")';
    const { compileFunction } = createRequire(import.meta.url)('node:vm') as typeof import('node:vm');
    compileFunction(source, ['target'], { filename: '/app/node_modules/libsignal/src/session_record.js' })(target);
    target.info('Closing session:', 'of my own');
    target.error('a fault');
    expect(said).toEqual([['Something new'], ['Closing session:', 'of my own'], ['a fault']]);
    restore();
    expect(target.info).toBe(say);
  });
});
