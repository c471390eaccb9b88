import { badRequest, named, type RouteGroup, route, type Static, Type } from 'waha-runtime';
import type { Sandbox } from '../sandbox.ts';
import { PhoneParams } from './schemas.ts';

const count = (description: string, most: number) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: most, description }));

const HistoryBody = named(
  'SandboxHistory',
  Type.Object({
    chats: Type.Integer({ minimum: 1, maximum: 100_000 }),
    messages: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'In all chats together.' }),
    groups: count('How many of the chats are groups.', 100_000),
    lids: count('How many of the chats with people go by hidden ids.', 100_000),
    media: count('How many of the messages are pictures.', 1_000_000),
    older: count('Messages more that are older than three months; only for clients that ask for all.', 1_000_000),
    perPart: Type.Optional(Type.Integer({ minimum: 1, maximum: 50_000, description: 'Messages in one part; 5000.' })),
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
