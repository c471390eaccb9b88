import { describe, expect, it } from 'vitest';
import type { Client, ClientPolicy } from '../../../core/index.ts';
import { withPolicies } from '../../../core/session/with-policies.ts';
import { type OutgoingCall, spiedClient } from '../../../core/testing/spied-client.ts';

const client = () => {
  const outgoing: OutgoingCall[] = [];
  return { outgoing, client: spiedClient(outgoing) as unknown as Client };
};

const noting = (name: string, notes: string[]): ClientPolicy => ({
  name,
  async send(call, next) {
    notes.push(`${name} before ${call.session} ${call.method}`);
    const answer = await next(call);
    notes.push(`${name} after`);
    return answer;
  },
});

describe('a client with policies', () => {
  it('leads every call through them, the first one outermost', async () => {
    const notes: string[] = [];
    const { client: inner, outgoing } = client();
    const wrapped = withPolicies(inner, 'sales', () => [noting('a', notes), noting('b', notes)]);
    const answer = await wrapped.messages.sendText({ chatId: '1@c.us', text: 'hi' });
    expect(answer).toMatchObject({ body: 'hi' });
    const method = 'sales messages.sendText';
    expect(notes).toEqual([`a before ${method}`, `b before ${method}`, 'b after', 'a after']);
    expect(outgoing).toHaveLength(1);
  });

  it('sends what the policies make of a call', async () => {
    const { client: inner, outgoing } = client();
    const quiet: ClientPolicy = {
      name: 'quiet',
      send: (call, next) =>
        call.method === 'presence.setOnline' ? next({ ...call, args: [false] }) : Promise.resolve('not sent'),
    };
    const wrapped = withPolicies(inner, 'sales', () => [quiet]);
    await wrapped.presence?.setOnline(true);
    expect(await wrapped.messages.sendText({ chatId: '1@c.us', text: 'hi' })).toBe('not sent');
    expect(outgoing).toEqual([{ method: 'presence.setOnline', args: [false] }]);
  });

  it('is the client itself without policies, and its `me` is no call', () => {
    const notes: string[] = [];
    const { client: inner } = client();
    expect(withPolicies(inner, 'sales', () => [])).toBe(inner);
    expect(withPolicies(inner, 'sales', () => [noting('a', notes)]).me()).toMatchObject({ pushName: 'Ana' });
    expect(notes).toEqual([]);
  });

  it('keeps what an engine cannot do undefined', () => {
    const messages = client().client.messages;
    const wrapped = withPolicies({ me: () => null, messages }, 'sales', () => [noting('a', [])]);
    expect(wrapped.presence).toBeUndefined();
  });
});
