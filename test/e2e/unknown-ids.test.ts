import { beforeAll, describe, expect, it } from 'vitest';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation({ config: { noweb: { store: { enabled: true } } } });
const { session, phone, ana } = talk;
const people = { participants: [{ id: `${ana}@c.us` }] };
const picture = { file: { data: png, mimetype: 'image/png' } };

/** A body that is right, of each operation that has one, by what is behind the id. */
const bodies: Readonly<Record<string, object>> = {
  'PUT /groups/{id}/picture': picture,
  'PUT /groups/{id}/subject': { subject: 'x' },
  'PUT /groups/{id}/description': { description: 'x' },
  'PUT /groups/{id}/settings/security/info-admin-only': { adminsOnly: true },
  'PUT /groups/{id}/settings/security/messages-admin-only': { adminsOnly: true },
  'PUT /groups/{id}/settings/security/member-add-mode': { membersCanAddNewMember: true },
  'PUT /groups/{id}/settings/security/membership-approval': { newMembersApprovalRequired: true },
  'PUT /groups/{id}/settings/security/member-share-history-mode': { membersCanShareHistory: true },
  'POST /groups/{id}/participants/add': people,
  'POST /groups/{id}/participants/remove': people,
  'POST /groups/{id}/admin/promote': people,
  'POST /groups/{id}/admin/demote': people,
  'POST /groups/{id}/participants/join-requests/approve': people,
  'POST /groups/{id}/participants/join-requests/reject': people,
  'PUT /labels/{labelId}': { name: 'x', color: 1 },
};

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly name: string;
}

let operations: Operation[];
beforeAll(async () => {
  const { body } = await talk.world.api.get('/openapi.json');
  const paths = body.paths as Record<string, Record<string, { tags?: string[] }>>;
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { tags = [] }]) => {
      const isOurs = tags.some((tag) => /Groups|Labels|Channels/.test(tag)) && /\{(id|labelId)\}/.test(path);
      const name = `${method.toUpperCase()} ${path.replace('/api/{session}', '')}`;
      return isOurs ? [{ method: method.toUpperCase(), path, name }] : [];
    }),
  );
});

const call = ({ method, path, name }: Operation, ids: Readonly<Record<string, string>>, in_ = session) => {
  const address = path.replace('{session}', in_).replace(/\{(id|labelId)\}/, (_, key: string) => ids[key] ?? '');
  const body = bodies[name] ?? (method === 'POST' || method === 'PUT' ? {} : undefined);
  return talk.world.api.call(method, address, body && JSON.stringify(body));
};
const of = (kind: 'groups' | 'channels' | 'labels') => operations.filter(({ path }) => path.includes(`/${kind}/`));
const statuses = async (list: readonly Operation[], ids: Readonly<Record<string, string>>, in_?: string) =>
  Promise.all(list.map(async (operation) => [operation.name, (await call(operation, ids, in_)).status]));
const all = (list: readonly Operation[], status: number) => list.map(({ name }) => [name, status]);
/** No engine that this program has can delete a group: WhatsApp knows no such thing. */
const possible = ({ name }: Operation) => name !== 'DELETE /groups/{id}';

describe('every operation about one group, channel or label', () => {
  it('is known here', () => {
    expect([of('groups').length, of('channels').length, of('labels').length].map((count) => count > 2)).toEqual([
      true,
      true,
      true,
    ]);
    expect(Object.keys(bodies).filter((name) => !operations.some((one) => one.name === name))).toEqual([]);
  });

  it('answers 404 where there is none', async () => {
    const groups = of('groups').filter(possible);
    expect(await statuses(groups, { id: '120363999999999999@g.us' })).toEqual(all(groups, 404));
    expect(await statuses(of('channels'), { id: '120363999999999999@newsletter' })).toEqual(all(of('channels'), 404));
    expect(await statuses(of('labels'), { labelId: '4711' })).toEqual(all(of('labels'), 404));
  });

  it('answers 400 for what is no id, and 404 for a session that is none', async () => {
    const groups = of('groups').filter(possible);
    expect(await statuses(groups, { id: 'a%20b' })).toEqual(all(groups, 400));
    expect(await statuses(of('channels'), { id: 'a%20b' })).toEqual(all(of('channels'), 400));
    const every = operations.filter(possible);
    expect(await statuses(every, { id: '1@g.us', labelId: '1' }, 'nobody')).toEqual(all(every, 404));
  });

  it('answers 403 about a group that the account has left', async () => {
    const left = talk.world.sandbox.group({ subject: 'Left', owner: ana, participants: [phone] });
    await talk.next('group.v2.join', ({ group }) => (group as { id: string }).id === left.jid);
    left.remove(ana, [phone]);
    await talk.next('group.leave', ({ id }) => id === left.jid);
    const groups = of('groups').filter(possible);
    expect(await statuses(groups, { id: left.jid })).toEqual(all(groups, 403));
  });
});

describe('an id of any server that WhatsApp has', () => {
  const ids = [
    ...['1@hosted', '5511988887777@hosted', '123456789@hosted.lid', '123456789@lid', '0@c.us', '5511988887777:3@c.us'],
    ...['867051314767696@bot', '1@bot', '120363999999999999@newsletter', '120363999999999999@g.us'],
    ...['status@broadcast', '1600000000@broadcast', 'A1B2C3@call', '4-1234567@interop', '100000000000001@msgr'],
  ];
  const names = /^(chatId|contactId|ids|phone|lid|phoneNumber|id)$/;

  interface Parameter {
    readonly name: string;
    readonly in: string;
  }
  let reads: { readonly path: string; readonly parameter: Parameter; readonly hasSession: boolean }[];
  beforeAll(async () => {
    const { body } = await talk.world.api.get('/openapi.json');
    const paths = body.paths as Record<string, { get?: { parameters?: Parameter[] } }>;
    reads = Object.entries(paths).flatMap(([path, { get: { parameters = [] } = {} }]) => {
      const isAbout =
        /chats|contacts|messages|lids|presence|check/.test(path) &&
        !/labelId|sandbox|server|groups|channels/.test(path);
      const hasSession = parameters.some(({ name, in: place }) => name === 'session' && place === 'query');
      const found = isAbout ? parameters.filter(({ name }) => names.test(name)) : [];
      return found.map((parameter) => ({ path, parameter, hasSession }));
    });
  });

  const read = ({ path, parameter, hasSession }: (typeof reads)[number], id: string) => {
    const query = new URLSearchParams(hasSession ? { session } : {});
    if (parameter.in === 'query') query.set(parameter.name, id);
    const address = path
      .replace('{session}', session)
      .replace(`{${parameter.name}}`, encodeURIComponent(id))
      .replace('{messageId}', 'A1B2');
    return talk.world.api.get(`${address}?${query}`);
  };

  it.each(ids)('%s is taken by every read', async (id) => {
    expect(reads.length).toBeGreaterThan(12);
    const answers = await Promise.all(
      reads.map(async (one) => ({ path: one.path, parameter: one.parameter.name, ...(await read(one, id)) })),
    );
    const odd = answers.flatMap(({ path, parameter, status, body }) => {
      const isNamed = path.endsWith('/{messageId}') && status === 404;
      const isSaid = status === 422 && /^[\w ]+.*\w/.test(String(body.message)) && String(body.message).includes(' ');
      return status === 200 || isNamed || isSaid ? [] : [[path, parameter, status, body]];
    });
    expect(odd).toEqual([]);
  });

  it.each(['1600000000@broadcast', 'A1B2C3@call', '4-1234567@interop', '100000000000001@msgr'])(
    '%s is not written to, and that is said',
    async (id) => {
      const { status, body } = await talk.send('/api/sendText', { chatId: id, text: 'hi' });
      expect([status, body.message]).toEqual([422, `chatId: linked devices cannot write to '${id}'`]);
    },
  );
});
