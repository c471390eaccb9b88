import { describe, expect, it } from 'vitest';
import { SharedSessions, type SharedSessionsOptions } from '../../../core/session/shared-sessions.ts';
import { deferred } from '../../../plugins/baileys/deferred.ts';

describe('sessions of a cluster', () => {
  it('are removed once, whoever else asks for it meanwhile: one that is made anew after it stays', async () => {
    const ends = [deferred(), deferred()];
    const forgotten: string[] = [];
    let removals = 0;
    const own = {
      has: () => true,
      remove: () => ends[removals++]?.promise,
    };
    const ownership = { others: { get: () => undefined }, forget: async (name: string) => void forgotten.push(name) };
    const sessions = new SharedSessions({ own, ownership, startConcurrency: 1 } as unknown as SharedSessionsOptions);
    const both = [sessions.remove('ana'), sessions.remove('ana')];
    ends[0]?.resolve(undefined);
    await Promise.all(both);
    expect([removals, forgotten]).toEqual([1, ['ana']]);
    ends[1]?.resolve(undefined);
    await sessions.remove('ana');
    expect([removals, forgotten]).toEqual([2, ['ana', 'ana']]);
  });
});
