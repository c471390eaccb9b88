import { afterEach, describe, expect, it } from 'vitest';
import { createTestHost, type TestHost } from 'waha-runtime/testing';
import officeHours from '../index.ts';
import { isOpen } from '../opening-hours.ts';

const hours = 3_600_000;
const mondayNoon = Date.UTC(2026, 0, 5, 12);

let host: TestHost;
const start = async (now: number, sessions?: object): Promise<void> => {
  const entry = { use: officeHours, config: { text: 'closed' }, ...(sessions ? { sessions } : {}) };
  host = await createTestHost({ plugins: [entry], sessions: ['support', 'sales'], now });
};
const answered = () => host.outgoing.map(({ session, args }) => [session, args[0]]);
afterEach(() => host?.close());

describe('office hours', () => {
  it('keeps quiet while somebody is there', async () => {
    await start(mondayNoon);
    await host.emit('message', {}, { session: 'support' });
    expect(answered()).toEqual([]);
  });

  it('answers each chat once a night', async () => {
    await start(mondayNoon + 8 * hours);
    for (const from of ['1@c.us', '1@c.us', '2@c.us']) await host.emit('message', { from }, { session: 'support' });
    await host.clock.pass(24 * hours);
    await host.emit('message', { from: '1@c.us' }, { session: 'support' });
    expect(answered()).toEqual(['1@c.us', '2@c.us', '1@c.us'].map((chatId) => ['support', { chatId, text: 'closed' }]));
  });

  it('works for the sessions of its YAML, each with its own config', async () => {
    await start(mondayNoon, {
      include: ['s*'],
      override: { sales: { config: { closes: 11, text: 'sales is closed' } } },
    });
    await host.emit('message', {}, { session: 'support' });
    await host.emit('message', {}, { session: 'sales' });
    expect(answered()).toEqual([['sales', { chatId: '5511988887777@c.us', text: 'sales is closed' }]]);
  });

  it('knows weekends and time zones', async () => {
    await start(mondayNoon);
    const week = { timeZone: 'America/Sao_Paulo', opens: 9, closes: 18 };
    expect(isOpen(new Date(mondayNoon), week)).toBe(true);
    expect(isOpen(new Date(mondayNoon - hours), week)).toBe(false);
    expect(isOpen(new Date(mondayNoon - 24 * hours), week)).toBe(false);
  });
});
