import { expect, it } from 'vitest';
import { DeviceLists, type KnownDevice } from '../../../../plugins/baileys/socket/device-lists.ts';

const device = (user: string): KnownDevice[] => [{ user, server: 'lid', device: 0 }];

it('gives the lists of many people at once, and none of who is not known or no longer fresh', async () => {
  let now = 0;
  const lists = new DeviceLists(() => now);
  lists.set('1', device('1'));
  now = 4 * 60_000;
  lists.set('2', device('2'));
  now = 6 * 60_000;
  const found = await lists.mget<KnownDevice[]>(['1', '2', '3', 'constructor', '__proto__']);
  expect({ ...found }).toEqual({ 1: undefined, 2: device('2'), 3: undefined, constructor: undefined });
  // An ordinary object would have a hidden class for each of a thousand names: see the class.
  expect(Object.getPrototypeOf(found)).toBeNull();
});
