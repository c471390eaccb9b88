import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sendAnswer } from '../../../core/http/answer.ts';

let close = (): void => undefined;
afterEach(() => close());

/** Serves one value, and counts the turns of the event loop until it is sent. */
const serve = async (value: unknown) => {
  let turns = 0;
  let sentAfter = 0;
  const server = createServer(async (request, response) => {
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await sendAnswer(request, response, 200, value);
    isDone = true;
    sentAfter = turns;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => server.close();
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { answer, text: await answer.text(), turns: sentAfter };
};

describe('an answer', () => {
  it.each([
    ['a list', Array.from({ length: 3_000 }, (_, id) => ({ id, text: 'ä'.repeat(1_000) }))],
    ['a list in an object', { messages: Array.from({ length: 3_000 }, (_, id) => ({ id, text: 'ä'.repeat(1_000) })) }],
  ])('that is long, %s, lets others have their turns while it is made', async (_, value) => {
    const { answer, text, turns } = await serve(value);
    expect(text).toBe(JSON.stringify(value));
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(turns).toBeGreaterThan(10);
  });

  it('that is short is sent at once', async () => {
    const { text, turns } = await serve({ status: 'WORKING', list: [1, 2] });
    expect([text, turns]).toEqual(['{"status":"WORKING","list":[1,2]}', 0]);
  });
});
