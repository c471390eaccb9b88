import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { changeAppState } from '../../../../plugins/baileys/client/app-state.ts';
import { Requests } from '../../../../plugins/baileys/socket/requests.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

/** The options of a socket that a change of the app state touches. */
const socket = (myAppStateKeyId?: string) => {
  const ev = new EventEmitter();
  const creds = { myAppStateKeyId };
  ev.on('creds.update', (update) => Object.assign(creds, update));
  return { ev, sock: { ev, authState: { creds } } as unknown as BaileysSocket };
};
const conflict = () => Object.assign(new Error('conflict'), { data: 409, output: { statusCode: 500 } });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('waits for the key that the phone hands over after linking', async () => {
  const { ev, sock } = socket();
  const change = vi.fn(async () => undefined);
  const done = changeAppState(new Requests('default', sock), 'it', change);
  await vi.advanceTimersByTimeAsync(5000);
  expect(change).not.toHaveBeenCalled();
  ev.emit('creds.update', { myAppStateKeyId: 'AAAA' });
  await done;
  expect(change).toHaveBeenCalledOnce();
  expect(ev.listenerCount('creds.update')).toBe(1);
});

it('says so when the phone does not hand it over', async () => {
  const { sock } = socket();
  const done = changeAppState(new Requests('default', sock), 'it', async () => undefined);
  const refused = expect(done).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 });
  await vi.advanceTimersByTimeAsync(10_000);
  await refused;
});

it('is done again when another device was faster, three times at most', async () => {
  const { sock } = socket('AAAA');
  const requests = new Requests('default', sock);
  const change = vi.fn<() => Promise<void>>().mockRejectedValueOnce(conflict()).mockResolvedValue(undefined);
  await changeAppState(requests, 'it', change);
  expect(change).toHaveBeenCalledTimes(2);
  const never = vi.fn<() => Promise<void>>().mockRejectedValue(conflict());
  await expect(changeAppState(requests, 'the change', never)).rejects.toMatchObject({
    code: 'WHATSAPP_REFUSED',
    message: 'WhatsApp refused the change (error 409)',
  });
  expect(never).toHaveBeenCalledTimes(3);
  const other = vi.fn<() => Promise<void>>().mockRejectedValue(Object.assign(new Error('x'), { data: 500 }));
  await expect(changeAppState(requests, 'it', other)).rejects.toMatchObject({ details: { body: { code: 500 } } });
  expect(other).toHaveBeenCalledOnce();
});

it('is refused in its own time on a server that is silent, however many wait, and is not done afterwards', async () => {
  const { sock } = socket('AAAA');
  const answers: (() => void)[] = [];
  const resyncAppState = vi.fn(() => new Promise<void>((resolve) => void answers.push(resolve)));
  const query = vi.fn();
  const keys = {
    transaction: (work: () => Promise<void>) => work(),
    get: async () => ({}),
    set: async () => undefined,
  };
  Object.assign(sock, { resyncAppState, query, authState: { ...sock.authState, keys } });
  const requests = new Requests('default', sock, 20_000);
  const told: string[] = [];
  const ask = (name: string) =>
    changeAppState(requests, name, (state) => state.chatModify({ pushNameSetting: name }, '')).catch(({ status }) =>
      told.push(`${name} ${status}`),
    );
  for (const name of ['one', 'two', 'three']) void ask(name);
  await vi.advanceTimersByTimeAsync(15_000);
  void ask('late');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(told).toEqual(['one 503', 'two 503', 'three 503']);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(told).toEqual(['one 503', 'two 503', 'three 503', 'late 503']);
  for (let answered = 0; answered < answers.length; answered++) {
    answers[answered]?.();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect([resyncAppState.mock.calls.length, query.mock.calls.length]).toEqual([1, 0]);
});
