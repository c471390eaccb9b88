import { describe, expect, it } from 'vitest';
import { conversation } from '../support/conversation.ts';

const talk = conversation({ plugins: () => [{ use: 'apps' }] });
const { session, phone } = talk;
const put = async (config: object) =>
  expect(await talk.world.api.put('/api/apps/calls', { session, app: 'calls', config })).toMatchObject({ status: 200 });
const stateOf = (id: string) => talk.world.sandbox.calls().find((call) => call.id === id)?.state;
const transitions = async () => (await talk.world.api.get(`/api/sessions/${session}/transitions`)).body;
const callIn = async (options: { readonly group?: string } = {}): Promise<string> => {
  const id = talk.contact.call(phone, options);
  await talk.next('call.received', (payload) => payload['id'] === id);
  return id;
};

describe('an app that handles calls', () => {
  it('rejects them, tells who called why, and changes without a reconnect', async () => {
    const before = await transitions();
    await put({ dm: { reject: true, message: 'Please write to us' } });
    const id = await callIn();
    await talk.contact.waitForMessage(({ text }) => text === 'Please write to us');
    expect(stateOf(id)).toBe('rejected');
    expect(await transitions()).toEqual(before);
  });

  it('lets ring what its config lets ring, from the next call on, and has settings of its own for groups', async () => {
    await put({ dm: { reject: false, message: 'Never said' }, group: { reject: true, waitBeforeDecline: 0.05 } });
    const lone = await callIn();
    const together = await callIn({ group: '120363000000000001@g.us' });
    await expect.poll(() => stateOf(together)).toBe('rejected');
    expect(stateOf(lone)).toBe('ringing');
    talk.contact.hangUp(lone);
  });
});
