import { beforeAll, expect, it } from 'vitest';
import { eventNames, type Sessions } from '../../../core/index.ts';
import { serveApi } from './api.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
interface Described {
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly webhooks: Readonly<Record<string, { readonly post: Described }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Fields that hold the id of somebody, or of a chat, which may be one with a person. */
const namesPeople = new RegExp(
  `^(?:${[
    ...['id', 'from', 'to', 'author', 'participant', 'participants', 'sender', 'by', 'owner', 'creator', 'voter'],
    ...['caller', 'member', 'members', 'admin', 'admins', 'requester\\w*', 'contact', 'person', 'people', 'user'],
    ...['chatId', '\\w+ChatId', 'contactId', 'jid', '\\w+Jid', 'lid', 'pn', '\\w+(?:Lid|Pn|Alt)', 'phone', 'number'],
    ...['mentionedIds', 'recipients?'],
  ].join('|')})$`,
);
const nameOfSomebody = /@(?:c\.us|lid|s\.whatsapp\.net)/;

const ids = 'its id, and no person’s';
const asAsked = 'the words of whoever sent it, before anybody looked for the person';
const own = 'the account itself, under both of its names';
const raw = 'WhatsApp’s own form of it: the identity is in the message or the participants beside it';
/** What is no person, or has no identity beside it, and why. By schema and field. */
const without: Readonly<Record<string, string>> = {
  'AppInfo.id': ids,
  'CallData.id': ids,
  'Channel.id': ids,
  'ChannelPublicInfo.id': ids,
  'EventResponsePayload.id': ids,
  'GroupId.id': ids,
  'GroupInfo.id': ids,
  'GroupV2UpdateEvent.group.id': ids,
  'JoinGroupResponse.id': ids,
  'Label.id': ids,
  'MessageDestination.id': ids,
  'MessageKey.id': ids,
  'NewMessageIDResponse.id': ids,
  'PasskeyAllowedCredential.id': ids,
  'PollVote.id': ids,
  'QueuedSend.id': ids,
  'ReplyToMessage.id': ids,
  'WAHAEnvironment.worker.id': ids,
  'WAMessage.id': ids,
  'WAMessageAckBody.id': ids,
  'WAMessageEditedBody.id': ids,
  'WAMessageKeptBody.id': ids,
  'WAMessagePinnedBody.id': ids,
  'WAMessageReaction.id': ids,
  'WAMessageSent.id': ids,
  'WorkerInfo.id': ids,
  'GET /api/{session}/groups.id': ids,
  'GET /api/{session}/groups/join-info.id': ids,
  'GET /api/{session}/groups/{id}.id': ids,
  'POST /api/{session}/groups.id': ids,
  'SessionPacingConfig.quietHours.from': 'a time of the day',
  'SessionPacingConfig.quietHours.to': 'a time of the day',
  'WAHAChatPresences.id': 'the chat: its people are in `presences`',
  'MeInfo.id': own,
  'MeInfo.lid': own,
  'MeInfo.jid': own,
  'LidToPhoneNumber.lid': 'the answer is who belongs to whom, and nothing else',
  'LidToPhoneNumber.pn': 'the answer is who belongs to whom, and nothing else',
  'ContactInfo.number': 'the digits of `identity.pn`',
  'GroupParticipantResult.jid': raw,
  'MessageKey.remoteJid': raw,
  'QueuedSend.chatId': asAsked,
  'WAMessage.requestedChatId': asAsked,
  'WAMessageEditedBody.requestedChatId': asAsked,
  'WAMessageSent.requestedChatId': asAsked,
  'WAMessage.author': 'never filled: `participant` is the author',
  'WAMessageEditedBody.author': 'never filled: `participant` is the author',
  'WAMessageSent.author': 'never filled: `participant` is the author',
};

let document: OpenApi;
beforeAll(async () => {
  const api = await serveApi({} as Sessions);
  document = (await api.get('/openapi.json')).body as OpenApi;
  await api.close();
});

/** What is said of somebody: under every name in the object itself, or in a field that is called after this one. */
const isIdentified = (field: string, properties: Readonly<Record<string, Schema>>): boolean => {
  if (['id', 'lid', 'pn'].includes(field) && ['id', 'lid', 'pn', 'username'].every((name) => name in properties))
    return true;
  const about = field.replace(/(?:Id|Ids|Pn|Lid|Alt)$/, '');
  const identities = ['id', 'lid', 'pn'].includes(field)
    ? ['identity']
    : [`${about}Identity`, `${about}Identities`, about];
  return identities.some((name) => name !== field && name in properties);
};

/** Ids are texts, lists of texts, or null. What is an object is looked into instead. */
const holdsText = (schema: Schema): boolean =>
  schema.type === 'string' ||
  (schema.items !== undefined && holdsText(schema.items)) ||
  (schema.anyOf ?? []).some(holdsText);

const isAboutSomebody = (field: string, schema: Schema): boolean =>
  holdsText(schema) &&
  (namesPeople.test(field) ||
    [schema, ...(schema.anyOf ?? [])].some(({ examples = [] }) =>
      examples.some((one) => nameOfSomebody.test(String(one))),
    ));

/** Every place that names somebody, and whether it says who that is. */
const placesIn = (schema: Schema, path: string, seen: ReadonlySet<string>): [place: string, identified: boolean][] => {
  const name = schema.$ref?.split('/').at(-1);
  if (name !== undefined) {
    const meant = document.components.schemas[name];
    return meant && !seen.has(name) ? placesIn(meant, name, new Set([...seen, name])) : [];
  }
  const { properties = {}, patternProperties = {}, anyOf = [], items } = schema;
  const below = [...anyOf, ...Object.values(patternProperties), ...(items ? [items] : [])];
  return [
    ...below.flatMap((one) => placesIn(one, path, seen)),
    ...Object.entries(properties).flatMap(([field, value]) => [
      ...(isAboutSomebody(field, value)
        ? [[`${path}.${field}`, isIdentified(field, properties)] as [string, boolean]]
        : []),
      ...placesIn(value, `${path}.${field}`, seen),
    ]),
  ];
};

const schemasOf = (content: Content | undefined): Schema[] =>
  Object.values(content ?? {}).flatMap(({ schema }) => schema ?? []);

const allPlaces = (): Map<string, boolean> => {
  const answers = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content }]) =>
        status.startsWith('2')
          ? schemasOf(content).map((schema) => [`${method.toUpperCase()} ${path}`, schema] as const)
          : [],
      ),
    ),
  );
  const events = Object.entries(document.webhooks).flatMap(([name, { post }]) =>
    schemasOf(post.requestBody?.content).map((schema) => [name, schema] as const),
  );
  return new Map([...answers, ...events].flatMap(([name, schema]) => placesIn(schema, name, new Set())));
};

it('wherever a person stands in an event or an answer, every name of theirs does, or a reason why not is known', () => {
  const places = allPlaces();
  expect(Object.keys(document.webhooks).sort()).toEqual([...eventNames].sort());
  // The envelope of an event has an id of its own.
  const open = [...places].flatMap(([place, identified]) =>
    identified || /^WAHAWebhook[\w-]+\.id$/.test(place) ? [] : [place],
  );
  expect(open.filter((place) => !(place in without))).toEqual([]);
  expect(Object.keys(without).filter((place) => !open.includes(place))).toEqual([]);
});

it.each([
  'WAMessage.from',
  'WAMessage.to',
  'WAMessage.mentionedIds',
  'PollVote.to',
  'CallData.from',
  'ContactInfo.id',
  'ChatArchiveEvent.id',
  'LabelChatAssociation.chatId',
  'WAHAPresenceData.participant',
  'ReplyToMessage.participant',
  'GroupParticipantResult.id',
  'GroupV2ParticipantsJoinRequestEvent.requesterId',
])('%s is looked at, and says who it is', (place) => {
  expect(allPlaces().get(place)).toBe(true);
});
