import { describe, expect, it } from 'vitest';
import { Points } from '../../core/index.ts';
import type { Channel } from '../../plugins/sandbox/newsletters/channel.ts';
import type { Group } from '../../plugins/sandbox/sandbox.ts';
import { conversation, png } from '../support/conversation.ts';

/** Less than any of Baileys' own limits. */
const talk = conversation({
  config: { noweb: { store: { enabled: true } } },
  baileys: { queryTimeoutMs: 2500 },
  files: {},
});
const { session, phone, ana } = talk;
const [bob, carl, dora] = ['4915200002003', '4915200002004', '4915200002005'] as const;
const people = (...numbers: string[]) => ({ participants: numbers.map((number) => ({ id: `${number}@c.us` })) });
const file = { mimetype: 'image/png', data: png };

/** What an operation is tried on: its own group and channel, so that all can be tried at once. */
interface Own {
  readonly group: Group;
  /** Of others, to be joined. */
  readonly other: Group;
  readonly channel: Channel;
  readonly ours: Channel;
  readonly label: { readonly id: string; readonly name: string };
  readonly name: string;
}
interface Operation {
  /** What it asks WhatsApp; none for messages. */
  readonly xmlns?: string;
  readonly id?: (own: Own) => string;
  readonly body?: (own: Own) => object;
  /** Whether it is done, as WhatsApp sees it. None where nothing changes. */
  readonly isDone?: (own: Own) => boolean | Promise<boolean>;
  /** Whether a plain member of a group may do it. */
  readonly forMembers?: boolean;
}

const ofGroup = (
  isDone: (group: Group) => boolean,
  body?: (own: Own) => object,
  more: Partial<Operation> = {},
): Operation => ({
  xmlns: 'w:g2',
  id: ({ group }) => group.jid,
  isDone: ({ group }) => isDone(group),
  ...(body ? { body } : {}),
  ...more,
});
const setting = (field: string, isOn: (group: Group) => boolean) => ofGroup(isOn, () => ({ [field]: true }));
const ofChannel = (isDone: (channel: Channel) => boolean): Operation => ({
  xmlns: 'w:mex',
  id: ({ channel }) => channel.jid,
  isDone: ({ channel }) => isDone(channel),
});
const labelEntries = async () =>
  (await talk.world.sandbox.phone(phone).account.entries()).map(({ index, action }) => ({ index, action }));
const actionOf = async (...wanted: string[]) =>
  (await labelEntries()).find(({ index }) => wanted.every((part, at) => index[at] === part))?.action;
const ofLabel = (isDone: NonNullable<Operation['isDone']>, more: Partial<Operation>): Operation => ({
  xmlns: 'w:sync:app:state',
  isDone,
  ...more,
});
const ofStatus = (more: object): Operation => ({ body: () => ({ contacts: [`${ana}@c.us`], ...more }) });

const groups = `/api/{session}/groups`;
const security = `${groups}/{id}/settings/security`;
const channels = `/api/{session}/channels`;
const labels = `/api/{session}/labels`;
const status = `/api/{session}/status`;
const switched = (name: Parameters<Group['set']>[1]) => (group: Group) => group.switches.has(name);

const operations: Readonly<Record<string, Operation>> = {
  [`POST ${groups}`]: {
    xmlns: 'w:g2',
    body: ({ name }) => ({ name, ...people(ana) }),
    isDone: ({ name }) => talk.world.sandbox.groups().some(({ subject }) => subject === name),
  },
  [`POST ${groups}/join`]: {
    xmlns: 'w:g2',
    body: ({ other }) => ({ code: other.inviteCode }),
    isDone: ({ other }) => other.members.has(phone),
  },
  [`POST ${groups}/refresh`]: { xmlns: 'w:g2' },
  [`POST ${groups}/{id}/leave`]: ofGroup((group) => !group.members.has(phone), undefined, { forMembers: true }),
  [`PUT ${groups}/{id}/subject`]: ofGroup(
    ({ subject }) => subject === 'Renamed',
    () => ({ subject: 'Renamed' }),
  ),
  [`PUT ${groups}/{id}/description`]: ofGroup(
    ({ description }) => description?.text === 'Described',
    () => ({ description: 'Described' }),
  ),
  [`POST ${groups}/{id}/invite-code/revoke`]: ofGroup(({ inviteCode }) => !inviteCode.startsWith('code')),
  [`PUT ${groups}/{id}/picture`]: ofGroup(
    ({ picture }) => picture !== undefined && picture.id !== '1',
    () => ({ file }),
    { xmlns: 'w:profile:picture' },
  ),
  [`DELETE ${groups}/{id}/picture`]: ofGroup(({ picture }) => picture === undefined, undefined, {
    xmlns: 'w:profile:picture',
  }),
  [`PUT ${security}/info-admin-only`]: setting('adminsOnly', switched('locked')),
  [`PUT ${security}/messages-admin-only`]: setting('adminsOnly', switched('announcement')),
  [`PUT ${security}/member-add-mode`]: setting('membersCanAddNewMember', ({ everyoneAdds }) => everyoneAdds),
  [`PUT ${security}/membership-approval`]: setting('newMembersApprovalRequired', switched('membership_approval_mode')),
  [`PUT ${security}/member-share-history-mode`]: setting(
    'membersCanShareHistory',
    ({ everyoneShares }) => everyoneShares,
  ),
  [`POST ${groups}/{id}/participants/add`]: ofGroup(
    ({ members }) => members.has(dora),
    () => people(dora),
  ),
  [`POST ${groups}/{id}/participants/remove`]: ofGroup(
    ({ members }) => !members.has(bob),
    () => people(bob),
  ),
  [`POST ${groups}/{id}/admin/promote`]: ofGroup(
    ({ members }) => members.get(bob) === 'admin',
    () => people(bob),
  ),
  [`POST ${groups}/{id}/admin/demote`]: ofGroup(
    ({ members }) => members.get(ana) === 'member',
    () => people(ana),
  ),
  [`POST ${groups}/{id}/participants/join-requests/approve`]: ofGroup(
    ({ members }) => members.has(carl),
    () => people(carl),
  ),
  [`POST ${groups}/{id}/participants/join-requests/reject`]: ofGroup(
    ({ requests }) => !requests.has(carl),
    () => people(carl),
  ),
  [`POST ${labels}`]: ofLabel(
    async ({ name }) => (await labelEntries()).some(({ action }) => action?.labelEditAction?.name === name),
    { body: ({ name }) => ({ name, color: 1 }) },
  ),
  [`PUT ${labels}/{labelId}`]: ofLabel(
    async ({ label }) => (await actionOf('label_edit', label.id))?.labelEditAction?.name === `Renamed ${label.id}`,
    { id: ({ label }) => label.id, body: ({ label }) => ({ name: `Renamed ${label.id}`, color: 2 }) },
  ),
  [`DELETE ${labels}/{labelId}`]: ofLabel(
    async ({ label }) => (await actionOf('label_edit', label.id))?.labelEditAction?.deleted === true,
    { id: ({ label }) => label.id },
  ),
  [`PUT ${labels}/chats/{chatId}`]: ofLabel(
    async ({ label }) => (await actionOf('label_jid', label.id))?.labelAssociationAction?.labeled === true,
    { id: () => `${ana}@c.us`, body: ({ label }) => ({ labels: [{ id: label.id }] }) },
  ),
  [`POST ${status}/text`]: ofStatus({ text: 'Open' }),
  [`POST ${status}/image`]: ofStatus({ file }),
  [`POST ${status}/voice`]: ofStatus({ file: { mimetype: 'audio/ogg; codecs=opus', data: 'T2dnUw==' } }),
  [`POST ${status}/video`]: ofStatus({ file: { mimetype: 'video/mp4', data: 'AAAAIGZ0eXBpc29t' } }),
  [`POST ${status}/delete`]: ofStatus({ id: 'true_status@broadcast_3EB0AAAAAAAAAAAAAAAAAA' }),
  [`POST ${channels}`]: {
    xmlns: 'w:mex',
    body: ({ name }) => ({ name }),
    isDone: ({ name }) => talk.world.sandbox.channels.list().some((channel) => channel.options.name === name),
  },
  [`DELETE ${channels}/{id}`]: { xmlns: 'w:mex', id: ({ ours }) => ours.jid, isDone: ({ ours }) => ours.deleted },
  [`POST ${channels}/{id}/follow`]: {
    ...ofChannel(({ members }) => members.has(phone)),
  },
  [`POST ${channels}/{id}/unfollow`]: {
    ...ofChannel(({ members }) => !members.has(phone)),
    id: ({ other: _, ...own }) => own.channel.jid,
  },
  [`POST ${channels}/{id}/mute`]: ofChannel(({ muted }) => muted.has(phone)),
  [`POST ${channels}/{id}/unmute`]: ofChannel(({ muted }) => !muted.has(phone)),
};
const names = Object.keys(operations);
const tags = new Set(['Groups', 'Labels', 'Status', 'Channels']);
/** Reads by POST, and what no engine can. */
const leftOut = /search\/by-|^DELETE \/api\/\{session\}\/groups\/\{id\}$/;

let round = 0;
/** New groups, channels and labels, in the state from which the operation changes something. */
const ownOf = async (name: string): Promise<Own> => {
  const { sandbox } = talk.world;
  round += 1;
  const group = sandbox.group({ subject: `Group ${round}`, owner: phone, participants: [ana, bob] });
  group.inviteCode = `code${round}`;
  group.promote(phone, [ana]);
  if (name.includes('join-requests')) {
    group.set(phone, 'membership_approval_mode', true);
    sandbox.groupActs.join(group, carl);
  }
  group.picture = { id: '1', full: Buffer.from(png, 'base64'), preview: Buffer.from(png, 'base64') };
  const label = { id: String(round), name: `Label ${round}` };
  if (name.includes('/labels/'))
    await sandbox.phone(phone).account.change({ addLabel: { id: label.id, name: label.name, color: 1 } });
  const channel = sandbox.channels.create({ name: `Channel ${round}`, owner: ana, followers: [] });
  if (/un(?:follow|mute)|\/mute/.test(name)) channel.members.set(phone, 'SUBSCRIBER');
  if (name.includes('unmute')) channel.muted.add(phone);
  return {
    ...{ group, label, channel, name: `Made ${round}` },
    other: sandbox.group({ subject: 'Other', owner: bob, participants: [] }),
    ours: sandbox.channels.create({ name: `Ours ${round}`, owner: phone, followers: [] }),
  };
};
const ask = (name: string, own: Own) => {
  const [method = '', path = ''] = name.split(' ');
  const { id, body } = operations[name] ?? {};
  const place = path.replace('{session}', session).replace(/\{\w+\}/, () => id?.(own) ?? '');
  return talk.world.api.call(method, place, body && JSON.stringify(body(own)));
};
/** Every operation at once, each on things of its own, and what is true of them afterwards. */
const all = async () => {
  const owns = new Map<string, Own>();
  for (const name of names) owns.set(name, await ownOf(name));
  const own = (name: string): Own => owns.get(name) as Own;
  const done = async () => {
    const found: string[] = [];
    for (const name of names) if (await operations[name]?.isDone?.(own(name))) found.push(name);
    return found;
  };
  // Labels are there when the session has heard of them.
  const heard = async (): Promise<string[]> =>
    (await talk.world.api.get(`/api/${session}/labels`)).body.map(({ id }: { id: string }) => id);
  const wanted = names.filter((name) => name.includes('/labels/')).map((name) => own(name).label.id);
  await expect.poll(heard).toEqual(expect.arrayContaining(wanted));
  const askAll = () => Promise.all(names.map(async (name) => ({ name, ...(await ask(name, own(name))) })));
  /** What cannot be done now, with what is said of it. A machine under load may need more than one try. */
  const afterwards = async () => {
    const failed = (await askAll()).filter(({ status }) => status >= 300);
    for (const { name, status } of failed) {
      const again = async () => {
        // What was done although the answer came too late cannot be done twice.
        const isDone = await operations[name]?.isDone?.(own(name));
        return isDone === true || (await ask(name, own(name))).status < 300;
      };
      if (status === 503) await expect.poll(again).toBe(true);
    }
    return failed.flatMap(({ name, status, body }) => (status === 503 ? [] : [[name, status, body]]));
  };
  return { own, done, askAll, afterwards };
};
const namespaces = [...new Set(names.flatMap((name) => operations[name]?.xmlns ?? []))];
const unanswered = (done: boolean) => {
  talk.world.sandbox.faults.set({ kind: 'no-message-ack', phone });
  return namespaces.map((xmlns) => talk.world.sandbox.faults.set({ kind: 'unanswered', xmlns, done, times: 1000 }));
};
const changing = names.filter((name) => operations[name]?.isDone);

describe('every operation that changes groups, labels, statuses or channels', () => {
  it('is in this table', () => {
    const routes = talk.world.runtime
      .contributions(Points.Routes)
      .flatMap(({ value }) => (tags.has(value.tag) ? value.routes : []));
    const writing = routes
      .map(({ method, path }) => `${method} ${path}`)
      .filter((name) => !/^GET /.test(name) && !leftOut.test(name));
    expect(writing.sort()).toEqual([...names].sort());
  });

  it('is a 503 in time without an answer, is not done then, and can be done afterwards', async () => {
    const { done, askAll, afterwards } = await all();
    unanswered(false);
    for (const { name, status, body } of await askAll())
      expect([name, status, body.message]).toEqual([name, 503, expect.any(String)]);
    expect(await done()).toEqual([]);
    talk.world.sandbox.faults.clear();
    expect(await afterwards()).toEqual([]);
    expect(await done()).toEqual(changing);
  });

  it('is a 503 when the connection drops in the middle, is not done then, and can be done afterwards', async () => {
    const { sandbox, hooks } = talk.world;
    const { done, askAll, afterwards } = await all();
    const from = await talk.world.mark();
    const faults = unanswered(false);
    const answers = askAll();
    // Some ask for other things before, and changes of the app state wait for each other.
    await expect.poll(() => faults.reduce((sum, { left }) => sum + 1000 - left, 0)).toBeGreaterThan(15);
    sandbox.faults.clear();
    sandbox.disconnect('reset', { phone });
    const answered = await answers;
    await hooks.status(session, 'WORKING', from);
    // What waits for its turn may still be done by the next connection, and says so.
    const lost = answered.filter(({ status }) => status >= 300);
    expect(lost.filter(({ status }) => status !== 503)).toEqual([]);
    const isDone = new Set(await done());
    expect(lost.filter(({ name }) => isDone.has(name)).map(({ name }) => name)).toEqual([]);
    expect(await afterwards()).toEqual([]);
  });

  it('is known as done when only the answer got lost', async () => {
    const { own, done, askAll } = await all();
    unanswered(true);
    const answered = await askAll();
    const others = answered.filter(({ status }) => status !== 503);
    expect(others.map(({ name, status, body }) => [name, status, body])).toEqual([]);
    talk.world.sandbox.faults.clear();
    const read = async (path: string) => (await talk.world.api.get(`/api/${session}${path}`)).body;
    const withGroups = (await done()).filter((name) => name.includes('/groups/{id}') && !name.endsWith('/leave'));
    expect(withGroups.length).toBeGreaterThan(10);
    for (const name of withGroups) {
      const { group } = own(name);
      await expect
        .poll(async () => {
          const members = await read(`/groups/${group.jid}/participants/v2`);
          return [name, (await read(`/groups/${group.jid}`)).subject, members.length];
        })
        .toEqual([name, group.subject, group.members.size]);
    }
    const made = own(`POST ${labels}`).name;
    const isOnPhone = (await labelEntries()).some(({ action }) => action?.labelEditAction?.name === made);
    await expect
      .poll(async () => (await read('/labels')).some(({ name }: { name: string }) => name === made))
      .toBe(isOnPhone);
  });

  it('holds beside what the phone, or another admin, changes at the same moment', async () => {
    const { own, done } = await all();
    const { sandbox, api } = talk.world;
    const { account } = sandbox.phone(phone);
    const ofLabels = names.filter((name) => name.includes('/labels'));
    const onPhone = Array.from({ length: 8 }, (_, index) => ({
      id: String(900 + index),
      name: `Phone ${index}`,
      color: 3,
    }));
    const renamed = names.filter((name) => name.includes('/groups/{id}/settings'));
    const answers = Promise.all(
      [...ofLabels, ...renamed].map(async (name) => [name, (await ask(name, own(name))).status]),
    );
    for (const label of onPhone) await account.change({ addLabel: label });
    for (const name of renamed) own(name).group.rename(ana, 'By another');
    expect((await answers).filter(([, status]) => Number(status) >= 300)).toEqual([]);
    expect(await done()).toEqual(expect.arrayContaining([...ofLabels, ...renamed]));
    const entries = await labelEntries();
    expect(entries.map(({ action }) => action?.labelEditAction?.name)).toEqual(
      expect.arrayContaining(onPhone.map(({ name }) => name)),
    );
    for (const name of renamed) {
      const subject = async () => (await api.get(`/api/${session}/groups/${own(name).group.jid}`)).body.subject;
      await expect.poll(subject).toBe('By another');
    }
  });

  it('is a 403 for who may not do it, and is not done', async () => {
    const { own, done } = await all();
    const forAdmins = names.filter((name) => name.includes('/groups/{id}') && !operations[name]?.forMembers);
    const ofOwners = `DELETE ${channels}/{id}`;
    own(ofOwners).ours.members.set(phone, 'SUBSCRIBER');
    for (const name of forAdmins) {
      const { group } = own(name);
      group.set(phone, 'locked', true);
      group.members.set(phone, 'member');
    }
    for (const name of [...forAdmins, ofOwners]) {
      const { status } = await ask(name, own(name));
      expect([name, status]).toEqual([name, 403]);
    }
    const isDone = new Set(await done());
    const locked = `PUT ${security}/info-admin-only`;
    expect([...forAdmins, ofOwners].filter((name) => isDone.has(name) && name !== locked)).toEqual([]);
  });
});
