import type { BinaryNode } from '@whiskeysockets/baileys';
import { badRequest, named, type RouteGroup, route, type Static, Type } from 'waha-runtime';
import type { DailyNotice } from '../notifications/daily.ts';
import type { Sandbox } from '../sandbox.ts';
import { PhoneParams, phoneNumber } from './schemas.ts';

const of = phoneNumber('Whom it is about.');

const NoticeBody = named(
  'SandboxNotice',
  Type.Union(
    [
      Type.Object({
        kind: Type.Literal('devices'),
        of,
        change: Type.Enum(['add', 'remove', 'update'], { type: 'string' }),
        device: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
      Type.Object({ kind: Type.Literal('account_sync') }),
      Type.Object({ kind: Type.Literal('identity'), of }, { description: 'It registers anew, with other keys.' }),
      Type.Object({ kind: Type.Literal('privacy_token'), of }),
      Type.Object({ kind: Type.Literal('abprops') }),
      Type.Object({
        kind: Type.Literal('dirty'),
        type: Type.Enum(['account_sync', 'groups', 'communities', 'syncd_app_state'], { type: 'string' }),
        lost: Type.Optional(Type.Boolean({ description: 'What waits about groups is dropped.' })),
      }),
      Type.Object({ kind: Type.Literal('edge_routing') }),
      Type.Object({
        kind: Type.Literal('client_expiration'),
        at: Type.Integer({ minimum: 0, description: 'Seconds.' }),
      }),
      Type.Object({ kind: Type.Literal('thread_metadata') }),
    ],
    { description: 'What WhatsApp tells linked devices in daily life.' },
  ),
);

const StanzaBody = named(
  'SandboxStanza',
  Type.Object(
    {
      tag: Type.String({ minLength: 1 }),
      attrs: Type.Record(Type.String(), Type.String(), { default: {} }),
      content: Type.Optional(Type.Unknown({ description: 'A list of stanzas, a text, or `{ "base64": "…" }`.' })),
    },
    { examples: [{ tag: 'ib', attrs: {}, content: [{ tag: 'dirty', attrs: { type: 'groups' } }] }] },
  ),
);

/** What is said to linked devices besides messages. */
export class NoticeControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  tell(number: string, notice: Static<typeof NoticeBody>): void {
    this.#sandbox.phone(number).tell(notice as DailyNotice);
  }

  stanza(number: string, body: Static<typeof StanzaBody>): void {
    this.#sandbox.phone(number).sendStanza(stanzaOf(body));
  }
}

/** A stanza from JSON, where null is the same as absent. Throws `BAD_REQUEST` for what cannot be one. */
function stanzaOf(json: unknown): BinaryNode {
  const { tag, attrs, content } = (json ?? {}) as Partial<Record<string, unknown>>;
  if (typeof tag !== 'string' || tag === '') throw badRequest('a stanza needs a tag');
  const stanza = { tag, attrs: attributesOf(tag, attrs ?? {}) };
  if (content === undefined || content === null) return stanza;
  if (typeof content === 'string') return { ...stanza, content };
  if (Array.isArray(content)) return { ...stanza, content: content.map(stanzaOf) };
  const { base64 } = content as { base64?: unknown };
  if (typeof base64 !== 'string') throw badRequest(`content of ${tag} is a list, a text or {"base64": "…"}`);
  return { ...stanza, content: Buffer.from(base64, 'base64') };
}

function attributesOf(tag: string, attrs: unknown): Record<string, string> {
  const isRecord = typeof attrs === 'object' && !Array.isArray(attrs);
  if (!isRecord || Object.values(attrs as object).some((value) => typeof value !== 'string'))
    throw badRequest(`attrs of ${tag} are texts by their names`);
  return attrs as Record<string, string>;
}

/** Notifications under `/api/sandbox`. */
export const noticeRoutes = (notices: NoticeControl): RouteGroup['routes'] => [
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/notifications',
    summary: 'Tell linked devices what WhatsApp tells them in daily life',
    params: PhoneParams,
    body: NoticeBody,
    handle: ({ params, body }) => notices.tell(params.phone, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/stanzas',
    summary: 'Send a stanza of your own to the linked devices that are live',
    params: PhoneParams,
    body: StanzaBody,
    handle: ({ params, body }) => notices.stanza(params.phone, body),
  }),
];
