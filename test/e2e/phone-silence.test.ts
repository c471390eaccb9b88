import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import type { RuntimeEvent } from '../../core/index.ts';
import { World } from '../support/world.ts';

let world: World;
const phone = '4915200007001';
const phoneSilence = 2_500;
const dataOf = ({ payload }: RuntimeEvent) => (payload as SessionStatusPayload).data;
const told = (accept: (silence: unknown) => boolean, from = 0) =>
  world.hooks.next(
    'session.status',
    (event) => accept((dataOf(event) as { phoneSilence?: unknown })?.phoneSilence),
    from,
  );

beforeAll(async () => {
  world = await World.start({ timings: { phoneSilence } });
  await world.link('shop', phone);
});
afterAll(() => world.close());

it('warns of a phone that gives no sign of life, over a restart, and takes it back when the phone writes', async () => {
  const warned = await told((silence) => typeof silence === 'object' && silence !== null);
  const silence = dataOf(warned);
  expect(warned.payload).toMatchObject({ status: 'WORKING' });
  const session = () => world.api.get('/api/sessions/shop');
  expect((await session()).body).toMatchObject({ ...(silence as object), phoneLastSeenAt: expect.any(Number) });
  const health = await world.api.get('/health');
  expect([health.status, health.body.details.sessions.silentPhones]).toEqual([200, 1]);

  let from = await world.mark();
  await world.reboot();
  expect(dataOf(await world.hooks.status('shop', 'WORKING', from))).toEqual(silence);

  from = await world.mark();
  await world.sandbox.phone(phone).write('4915200007002', 'I am here');
  await told((value) => value === null, from);
  expect((await session()).body).not.toHaveProperty('phoneSilence');
});
