import { badRequest, named, type RouteGroup, route, type Static, Type } from 'waha-runtime';
import type { Sandbox } from '../sandbox.ts';
import { PhoneParams } from './schemas.ts';

const count = (description: string, most: number) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: most, description }));

/** A phone announces all of its chats at once. */
const maxChats = 10_000;
const maxMessages = 200_000;

const HistoryBody = named(
  'SandboxHistory',
  Type.Object({
    chats: Type.Integer({ minimum: 1, maximum: maxChats }),
    messages: Type.Integer({ minimum: 0, maximum: maxMessages, description: 'In all chats together.' }),
    groups: count('How many of the chats are groups.', maxChats),
    lids: count('How many of the chats with people go by hidden ids.', maxChats),
    media: count('How many of the messages are pictures.', maxMessages),
    older: count('Messages more that are older than three months; only for clients that ask for all.', maxMessages),
    perPart: Type.Optional(Type.Integer({ minimum: 10, maximum: 10_000, description: 'Messages in one part; 5000.' })),
  }),
);

/** What phones remember. */
export class HistoryControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  remember(number: string, spec: Static<typeof HistoryBody>): void {
    if ((spec.groups ?? 0) + (spec.lids ?? 0) > spec.chats) throw badRequest('groups and lids must not exceed chats');
    this.#sandbox.phone(number).history = spec;
  }
}

export const historyRoutes = (history: HistoryControl): RouteGroup['routes'] => [
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/history',
    summary: 'Give a phone a past, which devices that are linked afterwards are handed',
    params: PhoneParams,
    body: HistoryBody,
    handle: ({ params, body }) => history.remember(params.phone, body),
  }),
];
