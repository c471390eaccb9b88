import { named, notFound, type RouteGroup, route, type Static, Type, unprocessable } from 'waha-runtime';
import type { Call } from '../calls/calls.ts';
import type { Sandbox } from '../sandbox.ts';
import { ContactParams, phoneNumber } from './schemas.ts';

const CallBody = named(
  'SandboxCall',
  Type.Object({
    to: phoneNumber('The account to call.'),
    video: Type.Optional(Type.Boolean()),
    group: Type.Optional(
      Type.String({ pattern: '^[0-9-]+@g\\.us$', description: 'JID of a group: all of it is called.' }),
    ),
    id: Type.Optional(Type.String({ description: 'Id of a call that ends; without it, one begins.' })),
    reason: Type.Optional(Type.String({ description: 'Why it ends: `timeout` is a missed call.' })),
  }),
);
const CallView = named(
  'SandboxCallView',
  Type.Object({
    id: Type.String(),
    from: Type.String(),
    to: Type.String(),
    video: Type.Boolean(),
    group: Type.Optional(Type.String()),
    state: Type.Enum(['ringing', 'accepted', 'rejected', 'ended']),
  }),
);
const AnswerBody = named('SandboxCallAnswer', Type.Object({ action: Type.Enum(['accept', 'reject']) }));
const CallParams = Type.Object({ call: Type.String({ examples: ['ABCDEFGABCDEFGABCDEFGABCDEFG'] }) });

/** Calls, as the control API does them. */
export class CallControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  list(): Call[] {
    return this.#sandbox.calls();
  }

  /** Calls somebody, or ends a call. */
  call(number: string, { to, id, video, group, reason }: Static<typeof CallBody>): { id: string } {
    const contact = this.#sandbox.contact(number);
    if (id === undefined) {
      const options = { ...(video === undefined ? {} : { video }), ...(group === undefined ? {} : { group }) };
      return { id: contact.call(to, options) };
    }
    this.#ringing(id);
    contact.hangUp(id, reason);
    return { id };
  }

  /** Answers or declines on the phone. */
  answer(id: string, { action }: Static<typeof AnswerBody>): Call {
    this.#ringing(id);
    this.#sandbox.answerOnPhone(id, action === 'accept');
    return this.#find(id);
  }

  #ringing(id: string): void {
    const { state } = this.#find(id);
    if (state === 'ended' || state === 'rejected') throw unprocessable(`call '${id}' is over`);
  }

  #find(id: string): Call {
    const call = this.#sandbox.calls().find((one) => one.id === id);
    if (!call) throw notFound(`there is no call '${id}'`);
    return call;
  }
}

/** Calls under `/api/sandbox`. */
export const callRoutes = (calls: CallControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/calls',
    summary: 'List calls and what became of them',
    responses: { 200: { description: 'The newest ones, oldest first.', schema: Type.Array(CallView) } },
    handle: () => calls.list(),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/contacts/{contact}/calls',
    summary: 'Call, or hang up, as a contact',
    params: ContactParams,
    body: CallBody,
    handle: ({ params, body }) => calls.call(params.contact, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/calls/{call}/answer',
    summary: 'Answer or decline a call on the phone',
    description: 'Its linked devices stop ringing.',
    params: CallParams,
    body: AnswerBody,
    responses: { 201: { description: 'The call.', schema: CallView } },
    handle: ({ params, body }) => calls.answer(params.call, body),
  }),
];
