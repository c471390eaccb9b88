import { beforeEach, describe, expect, it } from 'vitest';
import { connectionLost } from '../../../../core/engine.ts';
import { type Database, whatsAppRefused } from '../../../../core/index.ts';
import { memoryDatabase } from '../../../../core/testing/memory-database.ts';
import { Once } from '../../../../plugins/waha-api/sending/once.ts';
import { recordingLog } from '../../../support/log.ts';

const day = 24 * 60 * 60 * 1000;
let database: Database;
let now: number;
let ids: number;
let acts: (string | undefined)[];

beforeEach(() => {
  database = memoryDatabase();
  now = 1_000_000;
  ids = 0;
  acts = [];
});

const open = async () => {
  const once = await Once.open(database, { now: () => now, log: recordingLog(), newId: async () => `ID${++ids}` });
  return once;
};
const request = { key: 'k', session: 'a', operation: 'POST /api/sendText', content: { text: 'hi' } };
const act = async (id: string | undefined) => {
  acts.push(id);
  return { id };
};

describe('what is done once', () => {
  it('is done again without a key, and under an id of its own with one', async () => {
    const once = await open();
    await once.run({ ...request, key: undefined }, act);
    await once.run({ ...request, key: undefined }, act);
    expect(await once.run(request, act)).toEqual({ id: 'ID1' });
    expect(await once.run(request, act)).toMatchObject({ json: { id: 'ID1' } });
    expect(acts).toEqual([undefined, undefined, 'ID1']);
  });

  it('is told apart by session, operation and key', async () => {
    const once = await open();
    const others = [request, { ...request, session: 'b' }, { ...request, operation: 'x' }, { ...request, key: 'l' }];
    for (const one of others) await once.run(one, act);
    expect(acts).toHaveLength(4);
  });

  it('is forgotten with its session, and not with another', async () => {
    const once = await open();
    await once.run(request, act);
    await once.run({ ...request, session: 'b' }, act);
    await once.forget('a');
    await once.run(request, act);
    await once.run({ ...request, session: 'b' }, act);
    expect(acts).toEqual(['ID1', 'ID2', 'ID3']);
  });

  it('is forgotten after a day', async () => {
    const once = await open();
    await once.run(request, act);
    now += day + 1;
    await once.run({ ...request, content: 'other' }, act);
    expect(acts).toEqual(['ID1', 'ID2']);
  });

  it('goes out under the same id again when nobody knows whether it went out, even after a restart', async () => {
    const lost = async (id: string | undefined) => {
      acts.push(id);
      throw connectionLost('a');
    };
    await expect((await open()).run(request, lost)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect((await open()).run({ ...request, content: 'other' }, act)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    await (await open()).run(request, act);
    expect(acts).toEqual(['ID1', 'ID1']);
  });

  it('starts afresh when it was refused', async () => {
    const once = await open();
    const refused = () => Promise.reject(whatsAppRefused('the message', 479));
    await expect(once.run(request, refused)).rejects.toMatchObject({ code: 'WHATSAPP_REFUSED' });
    await once.run({ ...request, content: 'better' }, act);
    expect(acts).toEqual(['ID2']);
  });

  it('gives whoever comes meanwhile the same end', async () => {
    const once = await open();
    const refused = () => Promise.reject(whatsAppRefused('the message', 479));
    const both = await Promise.allSettled([once.run(request, refused), once.run(request, act)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(acts).toEqual([]);
  });
});
