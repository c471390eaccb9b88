import type { BinaryNode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { RuntimeError } from 'waha-runtime';
import type { KeyChange, SessionAuth } from 'waha-runtime/engine';
import type { GroupChange } from '../../../../../plugins/baileys/identity/groups/changes.ts';
import { describe as described, memberOf } from '../../../../../plugins/baileys/identity/groups/description.ts';
import type { GroupDifference } from '../../../../../plugins/baileys/identity/groups/differences.ts';
import { GroupStore } from '../../../../../plugins/baileys/identity/groups/group-store.ts';
import { Groups } from '../../../../../plugins/baileys/identity/groups/groups.ts';
import { GroupServer } from '../../../../../plugins/baileys/identity/groups/queries.ts';
import type { Requests } from '../../../../../plugins/baileys/socket/requests.ts';
import { silentLog } from '../../../../support/log.ts';

const node = (tag: string, attrs: Record<string, string> = {}, content: BinaryNode[] = []): BinaryNode => ({
  ...{ tag, attrs, content },
});
const person = (number: number): BinaryNode =>
  node('participant', { jid: `${number}@lid`, phone_number: `1555${number}@s.whatsapp.net` });

/** A group as the server has it. */
interface Club {
  subject: string;
  members: number[];
  version: number;
}

/** Answers like WhatsApp's server, and counts what it is asked. */
class Server {
  readonly clubs = new Map<string, Club>();
  readonly asked: string[] = [];
  refuses: RuntimeError | undefined;
  /** Groups with more members are named without them. */
  most = 10_000;

  add(jid: string, size: number): Club {
    const club = { subject: `Club ${jid}`, members: Array.from({ length: size }, (_, index) => index + 1), version: 1 };
    this.clubs.set(jid, club);
    return club;
  }

  /** Stands in for the connection: the query is handed over, and its answer comes back. */
  readonly requests = {
    call: async (_what: string, act: (sock: unknown) => Promise<unknown>) =>
      act({ query: async (stanza: BinaryNode) => this.#answer(stanza) }),
  } as unknown as Requests;

  #answer({ attrs, content }: BinaryNode): BinaryNode {
    if (this.refuses) throw this.refuses;
    const [question] = content as BinaryNode[];
    const to = attrs['to'] ?? '';
    if (question?.tag === 'participating') {
      this.asked.push('all');
      const wanted = (question.content as BinaryNode[]).map(({ tag }) => tag);
      const nodes = [...this.clubs.keys()].map((jid) => this.#node(jid, wanted.includes('participants')));
      return node('iq', {}, [node('groups', {}, nodes)]);
    }
    const several = (question?.content ?? []) as BinaryNode[];
    const jids = several.map((one) => one.attrs['jid'] ?? '');
    this.asked.push(jids.length > 0 ? jids.join(' ') : to);
    if (jids.length === 0) return node('iq', {}, [this.#node(to, true)]);
    const nodes = jids.map((jid) => {
      if (!this.clubs.has(jid)) return node('group', { id: jid.replace('@g.us', ''), error: '403' });
      const size = this.clubs.get(jid)?.members.length ?? 0;
      if (size > this.most) return node('group', { id: jid, size: `${size}`, truncated: 'true' });
      return this.#node(jid, true);
    });
    return node('iq', {}, [node('groups', {}, nodes)]);
  }

  #node(jid: string, whole: boolean): BinaryNode {
    const club = this.clubs.get(jid);
    if (!club) throw new RuntimeError('FORBIDDEN', 'not in it');
    const { subject, members, version } = club;
    const attrs = { id: jid, subject, size: `${members.length}`, p_v_id: `${version}`, addressing_mode: 'lid' };
    return node('group', attrs, whole ? members.map(person) : []);
  }
}

let server: Server;
let rows: Map<string, Uint8Array>;
let told: GroupDifference[];
let learned: number;

const auth = {
  keys: async (type: string, ids: readonly string[]) =>
    new Map(ids.flatMap((id) => (rows.has(`${type} ${id}`) ? [[id, rows.get(`${type} ${id}`)]] : []))),
  list: async (type: string) =>
    new Map([...rows].filter(([key]) => key.startsWith(`${type} `)).map(([key, value]) => [key, value])),
  commit: async ({ keys = [] }: { keys?: readonly KeyChange[] }) => {
    for (const { type, id, value } of keys)
      if (value) rows.set(`${type} ${id}`, value as Uint8Array);
      else rows.delete(`${type} ${id}`);
  },
} as unknown as SessionAuth;

/** As a connection begins with them: memory is empty, the store is not. */
const open = (): Groups => {
  const groups = new Groups({
    ...{ store: new GroupStore(auth, silentLog), queries: new GroupServer(server.requests, () => 0) },
    ...{ log: silentLog, now: () => 1 },
    described: (members) => {
      learned += members.length;
    },
  });
  groups.onDifferences(async (found) => void told.push(...found));
  return groups;
};
const jids = (count: number) => Array.from({ length: count }, (_, index) => `${index}@g.us`);
const added = (number: number, version: number): GroupChange => ({
  ...{ kind: 'members', action: 'add', members: [memberOf(person(number))], version: `${version}` },
});

beforeEach(() => {
  server = new Server();
  rows = new Map();
  told = [];
  learned = 0;
});

describe('the groups of an account with many of them', () => {
  beforeEach(() => {
    for (const jid of jids(30)) server.add(jid, 1000);
  });

  it('are listed without asking who is in them', async () => {
    const heads = await open().list();
    expect([...heads.values()].map(({ size }) => size)).toEqual(Array(30).fill(1000));
    expect([server.asked, learned, told]).toEqual([['all'], 0, []]);
  });

  it('are asked for their members once: those of the page that was asked for, so many at a time', async () => {
    const groups = open();
    await groups.list();
    const page = jids(12);
    expect((await groups.several(page)).map(({ participants }) => participants.length)).toEqual(Array(12).fill(1000));
    expect(server.asked.slice(1)).toEqual([page.slice(0, 10).join(' '), page.slice(10).join(' ')]);
    await groups.several(page);
    await groups.get('3@g.us');
    expect(server.asked).toHaveLength(3);
    const again = open();
    expect([(await again.list()).size, (await again.several(page)).length]).toEqual([30, 12]);
    expect(server.asked).toHaveLength(3);
  });

  it('are asked for one by one where WhatsApp leaves the members out, and left out where the account is not in them', async () => {
    server.most = 999;
    const groups = open();
    await groups.list();
    server.clubs.delete('1@g.us');
    const found = await groups.several(['0@g.us', '1@g.us', '2@g.us']);
    expect(found.map(({ id, participants }) => [id, participants.length])).toEqual([
      ['0@g.us', 1000],
      ['2@g.us', 1000],
    ]);
    expect(server.asked.slice(2)).toEqual(['0@g.us', '2@g.us']);
  });

  it('keep their members when a list names none', async () => {
    const groups = open();
    await groups.get('0@g.us');
    await groups.refresh();
    await groups.refresh();
    expect((await groups.get('0@g.us')).metadata.participants).toHaveLength(1000);
    expect([server.asked, told]).toEqual([['0@g.us', 'all', 'all'], []]);
  });

  it('are asked again for members that changed without a word, and what changed is told', async () => {
    const groups = open();
    await groups.list();
    await groups.several(['0@g.us', '1@g.us']);
    Object.assign(server.clubs.get('0@g.us') ?? {}, { members: [1, 2, 5000], version: 2 });
    Object.assign(server.clubs.get('7@g.us') ?? {}, { members: [1], version: 2, subject: 'New' });
    await groups.refresh();
    expect(server.asked.slice(2)).toEqual(['all', '0@g.us']);
    expect(told.map(({ group, changes }) => [group, changes.map((change) => Object.values(change)[0])])).toEqual([
      ['7@g.us', ['facts']],
      ['0@g.us', ['members', 'members']],
    ]);
    expect((await groups.get('0@g.us')).metadata.participants.map(({ id }) => id)).toEqual([
      '1@lid',
      '2@lid',
      '5000@lid',
    ]);
  });

  it('tell of such a change later, when WhatsApp did not answer at first, after a restart, too', async () => {
    const groups = open();
    await groups.list();
    await groups.get('0@g.us');
    Object.assign(server.clubs.get('0@g.us') ?? {}, { members: [1, 2], version: 2 });
    const { requests } = server;
    const refused = new RuntimeError('UNAVAILABLE', 'no answer');
    const call = requests.call.bind(requests);
    Object.assign(requests, {
      call: (what: string, act: never) => (what === 'the list of groups' ? call(what, act) : Promise.reject(refused)),
    });
    await expect(groups.refresh()).rejects.toBe(refused);
    await expect(groups.get('0@g.us')).rejects.toBe(refused);
    Object.assign(requests, { call });
    expect((await open().get('0@g.us')).metadata.participants).toHaveLength(2);
    expect(told.map(({ group }) => group)).toEqual(['0@g.us']);
  });

  it('follow what WhatsApp tells, whether their members are known or not', async () => {
    const groups = open();
    await groups.list();
    await groups.get('0@g.us');
    for (const jid of ['0@g.us', '1@g.us']) {
      const club = server.clubs.get(jid);
      club?.members.push(2000);
      Object.assign(club ?? {}, { version: 2, subject: 'Chess' });
      await groups.apply(jid, [added(2000, 2), { kind: 'facts', facts: { subject: 'Chess' } }]);
    }
    const heads = await groups.list();
    expect(['0@g.us', '1@g.us'].map((jid) => [heads.get(jid)?.subject, heads.get(jid)?.size])).toEqual([
      ['Chess', 1001],
      ['Chess', undefined],
    ]);
    await groups.refresh();
    expect(server.asked).toEqual(['all', '0@g.us', 'all']);
    const [one] = await groups.several(['1@g.us']);
    expect([one?.size, told]).toEqual([1001, []]);
  });

  it('are not answered with more members than memory is meant for', async () => {
    for (const jid of jids(300)) server.add(jid, 1000);
    const groups = open();
    await groups.list();
    await expect(groups.several(jids(300))).rejects.toThrow(/300000 members.*limit=/);
    expect(server.asked).toEqual(['all']);
  });

  it('are left alone for a minute after WhatsApp found it too much', async () => {
    const groups = open();
    await groups.list();
    const { requests } = server;
    const call = requests.call.bind(requests);
    let refusals = 0;
    const refuse = async () => {
      refusals += 1;
      throw new RuntimeError('TOO_MANY_REQUESTS', 'rate-overlimit');
    };
    Object.assign(requests, { call: refuse });
    await expect(groups.several(jids(30))).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await expect(groups.several(jids(2))).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await expect(groups.refresh()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(refusals).toBe(1);
    Object.assign(requests, { call });
    expect((await groups.get('4@g.us')).metadata.size).toBe(1000);
  });
});

describe('the groups of an account with few members in all', () => {
  it('are all known after the first list, and what changes without a word is told then', async () => {
    for (const jid of jids(3)) server.add(jid, 5);
    const groups = open();
    await groups.list();
    expect(server.asked).toEqual(['all', jids(3).join(' ')]);
    Object.assign(server.clubs.get('1@g.us') ?? {}, { members: [1, 2, 3, 4], version: 2 });
    server.clubs.delete('2@g.us');
    server.add('9@g.us', 4);
    await groups.refresh();
    expect(told.map(({ group, changes }) => [group, changes.map(({ kind }) => kind)])).toEqual([
      ['2@g.us', ['gone']],
      ['9@g.us', ['create']],
      ['1@g.us', ['members']],
    ]);
    expect(described(node('group', { id: '1' }))?.size).toBeUndefined();
  });
});
