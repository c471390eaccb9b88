import type { Api } from '../support/api.ts';
import type { ApiDocument } from './document.ts';
import type { FuzzRequest } from './request.ts';
import type { Requests } from './requests.ts';

interface Step {
  readonly method: string;
  readonly path: string;
  /** Fields of the body that must be as said for what follows to make sense. */
  readonly fixed?: Readonly<Record<string, unknown>>;
}

const phone = '4915200002009';
const chatId = '4915200002002@c.us';

const step = (method: string, path: string, fixed?: Step['fixed']): Step => ({
  method,
  path,
  ...(fixed ? { fixed } : {}),
});

/** The life of a session; what is not fixed is whatever the document allows. */
const chapters: readonly (readonly Step[])[] = [
  [step('POST', '/api/sessions', { start: true })],
  [
    step('POST', '/api/sendText', { chatId }),
    step('POST', '/api/sendImage', { chatId }),
    step('POST', '/api/sandbox/contacts/{contact}/messages', { to: phone }),
    step('POST', '/api/sendSeen', { chatId }),
    step('GET', '/api/{session}/chats'),
    step('GET', '/api/{session}/chats/{chatId}/messages'),
    step('GET', '/api/{session}/chats/{chatId}/messages/{messageId}'),
    step('PUT', '/api/reaction', {}),
    step('PUT', '/api/{session}/chats/{chatId}/messages/{messageId}'),
    step('DELETE', '/api/{session}/chats/{chatId}/messages/{messageId}'),
    step('PUT', '/api/sessions/{session}', {}),
    step('GET', '/api/webhooks/endpoints'),
    step('GET', '/api/webhooks/deliveries'),
    step('POST', '/api/webhooks/deliveries/replay', {}),
    step('POST', '/api/sessions/{session}/restart'),
    step('POST', '/api/sessions/{session}/logout'),
    step('POST', '/api/sessions/{session}/stop'),
    step('DELETE', '/api/sessions/{session}'),
  ],
];

/** Plays it, linking the session by the sandbox in between. `send` tries each request. */
export const playStory = async (
  name: string,
  parts: { readonly document: ApiDocument; readonly requests: Requests; readonly api: Api },
  send: (request: FuzzRequest) => Promise<void>,
): Promise<void> => {
  for (const [chapter, steps] of chapters.entries()) {
    for (const one of steps) await send(requestOf(one, name, parts));
    if (chapter === 0) await link(name, parts.api);
  }
};

const requestOf = (
  { method, path, fixed }: Step,
  name: string,
  { document, requests }: { readonly document: ApiDocument; readonly requests: Requests },
): FuzzRequest => {
  const operation = document.operation(method, path);
  const made = requests.of(operation);
  const params = { ...made.params, ...('session' in made.params ? { session: name } : {}) };
  const { body } = made;
  if (!fixed || body?.kind !== 'json' || typeof body.value !== 'object') return { ...made, params };
  const named = path === '/api/sessions' ? { name } : 'session' in (body.value ?? {}) ? { session: name } : {};
  return { ...made, params, body: { kind: 'json', value: { ...body.value, ...fixed, ...named } } };
};

/** What of it fails is no fault: the session may have been made with a config that keeps it from linking. */
const link = async (name: string, api: Api): Promise<void> => {
  await api.post('/api/sandbox/phones', { number: phone, name: 'Other' });
  const { body } = await api.get(`/api/${name}/auth/qr?format=raw`);
  if (typeof body.value === 'string')
    await api.post(`/api/sandbox/phones/${phone}/scan`, { qr: body.value, wait: false });
};
