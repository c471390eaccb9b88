import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../core/index.ts';
import { WaitForMessage } from '../../../plugins/mcp/wait-for-message.ts';
import { SimulatedClock } from '../../support/clock.ts';

const limited: Principal = { name: 'key_1', sessions: ['a'], rights: ['read'], admin: false };
const other: Principal = { ...limited, name: 'key_2' };

describe('waiting for a message', () => {
  it('is refused to a limited key that waits a hundred times already, and to nobody else', async () => {
    const tool = new WaitForMessage(new SimulatedClock(0));
    const gone = new AbortController();
    const wait = (who: Principal) => tool.call(who, { session: 'a' }, gone.signal, {});
    const waiting = Array.from({ length: 100 }, () => wait(limited));
    await expect(wait(limited)).rejects.toMatchObject({ status: 429 });
    waiting.push(wait(other), wait({ ...limited, admin: true }));
    gone.abort();
    for (const answer of await Promise.all(waiting)) expect(answer).toEqual({ status: 200, json: { message: null } });
    const again = new AbortController();
    const free = tool.call(limited, { session: 'a' }, again.signal, {});
    again.abort();
    expect(await free).toMatchObject({ status: 200 });
  });
});
