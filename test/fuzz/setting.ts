import { png } from '../support/conversation.ts';
import type { Operation } from './document.ts';
import type { Known } from './known.ts';
import type { Target } from './target.ts';

export const session = 'default';
const phone = '4915200002001';
const contact = '4915200002002';
const chatId = `${contact}@c.us`;

/** What there is for requests to be about: the fuzzer knows it from the beginning. */
export const knownAtFirst = (target: Target): Readonly<Record<string, readonly string[]>> => ({
  session: [session, session, session, 'fuzz-1', 'fuzz-2'],
  phone: [phone, contact, '4915200002003'],
  chatId: [chatId, chatId, '4915200002003@c.us', '120363000000000001@g.us', 'status@broadcast'],
  contact: [contact],
  url: [target.outside],
  data: [png],
  file: [Buffer.from(png, 'base64').toString('latin1')],
  mimetype: ['image/png', 'application/octet-stream'],
  filename: ['a.png'],
});

/** Links `default` and lets somebody write to it, unless it is there and WORKING. */
export const settle = async ({ api }: Target, known: Known): Promise<void> => {
  await api.delete('/api/sandbox/faults');
  if ((await isWorking(api)) && (await isReached(api))) return;
  await api.post('/api/sandbox/phones', { number: phone, name: 'Shop' });
  // Requests before may have chosen that a scanned code is void, or that somebody is not there.
  await api.put(`/api/sandbox/phones/${phone}/linking`, {});
  await api.post('/api/sandbox/contacts', { number: phone, absent: false });
  await api.post('/api/sandbox/contacts', { number: contact, name: 'Ana', absent: false });
  await api.delete(`/api/sessions/${session}`);
  await api.post('/api/sessions', { name: session, config: { noweb: { store: { enabled: true } } } });
  const { body } = await api.get(`/api/${session}/auth/qr?format=raw`);
  await api.post(`/api/sandbox/phones/${phone}/scan`, { qr: body.value });
  await until(() => isWorking(api));
  await api.post(`/api/sandbox/contacts/${contact}/messages`, { to: phone, text: 'hello' });
  const sent = await api.post('/api/sendText', { session, chatId, text: 'hi' });
  known.learn(sent.body);
};

const isWorking = async (api: Target['api']): Promise<boolean> =>
  (await api.get(`/api/sessions/${session}`)).body.status === 'WORKING';

/** A device that was just unlinked is WORKING until its connection says so: a question to WhatsApp tells. */
const isReached = async (api: Target['api']): Promise<boolean> =>
  (await api.get(`/api/contacts/check-exists?session=${session}&phone=${contact}`)).status === 200;

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const limit = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`the session '${session}' does not become WORKING`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Never sent: what they do is what they are for, and holds up or ends the process. */
const untried = [/^\/api\/server\/stop$/, /^\/api\/server\/debug\//, /^\/api\/sandbox\/load$/];

export const isTried = ({ path }: Operation): boolean => !untried.some((pattern) => pattern.test(path));

/** Faults that the fuzzer injects: after one of these, calls that fail with 503 are what was asked for, until it is taken back. */
export const injects = ({ method, path }: Operation): boolean =>
  method !== 'GET' && /^\/api\/sandbox\/(faults|disconnect|phones)/.test(path);
