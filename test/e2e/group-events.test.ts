import { describe, expect, it } from 'vitest';
import type { Group } from '../../plugins/sandbox/sandbox.ts';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation();
const { session, phone, ana } = talk;
const bob = '4915200002003';
const carl = '4915200002004';

type Told = { event: string; payload: Record<string, unknown> };

/** What was told of a group so far, but for messages. */
const told = (group: Group): Told[] =>
  talk.world.hooks.all.flatMap(({ event: { event, payload } }) => {
    const { id, group: named } = payload as { id?: string; group?: { id: string } };
    const isIts = event.startsWith('group.') && (named?.id ?? id) === group.jid;
    return isIts ? [{ event, payload: payload as Record<string, unknown> }] : [];
  });
const descriptionIn = (payload: Record<string, unknown>) => (payload['group'] as { description?: string })?.description;
/** Waits until everything so far is told of. */
const caughtUp = async (group: Group): Promise<void> => {
  const marker = `marker ${Math.random()}`;
  group.describe(ana, marker);
  await talk.next('group.v2.update', (payload) => descriptionIn(payload) === marker);
};
/** What is told of a group by what is done in `act`. */
const during = async (group: Group, act: () => unknown): Promise<Told[]> => {
  await caughtUp(group);
  const before = told(group).length;
  await act();
  await caughtUp(group);
  const isMarker = ({ payload }: Told) => descriptionIn(payload)?.startsWith('marker') === true;
  return told(group)
    .slice(before)
    .filter((one) => !isMarker(one));
};
const names = (events: readonly Told[]): string[] => events.map(({ event }) => event);
const identity = (number: string) => {
  const { lid } = talk.world.sandbox.contact(number);
  return { id: lid, lid, pn: `${number}@c.us`, username: null };
};
const made = (options: { participants: string[]; addressing?: 'pn' | 'lid' }) =>
  talk.world.sandbox.group({ subject: 'Club', owner: ana, ...options });
const post = (path: string, body: object = {}) => talk.world.api.post(`/api/${session}/groups${path}`, body);

describe('what happens to a group is told once', () => {
  it('when somebody adds the account, and when the account makes a group itself', async () => {
    const group = made({ participants: [phone, bob] });
    await talk.next('group.v2.join', ({ group: one }) => (one as { id: string }).id === group.jid);
    const events = await during(group, () => undefined);
    expect([...names(told(group)).slice(0, 2), ...names(events)].sort()).toEqual(['group.join', 'group.v2.join']);
    expect(told(group).find(({ event }) => event === 'group.v2.join')?.payload).toMatchObject({
      author: identity(ana),
      group: {
        ...{ id: group.jid, subject: 'Club', announce: false, membersCanSendMessages: false },
        participants: expect.arrayContaining([{ ...identity(bob), role: 'participant' }]),
      },
    });
    const { body } = await post('', { name: 'Ours', participants: [{ id: `${ana}@c.us` }] });
    const own = talk.world.sandbox.groups().find(({ jid }) => jid === body.id);
    if (!own) throw new Error('the group is not there');
    await talk.next('group.v2.join', ({ group: one }) => (one as { id: string }).id === own.jid);
    await during(own, () => undefined);
    expect(
      names(told(own))
        .filter((name) => name.endsWith('join'))
        .sort(),
    ).toEqual(['group.join', 'group.v2.join']);
  });

  it.each(['lid', 'pn'] as const)('when others and we ourselves change its members (%s)', async (addressing) => {
    const group = made({ participants: [phone], addressing });
    group.promote(ana, [phone]);
    const events = await during(group, async () => {
      group.add(ana, [bob]);
      group.promote(ana, [bob]);
      group.demote(ana, [bob]);
      await post(`/${group.jid}/participants/add`, { participants: [{ id: `${carl}@c.us` }] });
      group.remove(ana, [bob]);
      await post(`/${group.jid}/participants/remove`, { participants: [{ id: `${carl}@c.us` }] });
    });
    expect(names(events)).toEqual(Array(6).fill('group.v2.participants'));
    const seen = events.map(({ payload }) => {
      const [person] = payload['participants'] as [{ pn: string; role: string; newRole: string }];
      return [payload['type'], person.pn, person.role, person.newRole];
    });
    expect(seen).toEqual([
      ['join', `${bob}@c.us`, 'participant', 'participant'],
      ['promote', `${bob}@c.us`, 'admin', 'admin'],
      ['demote', `${bob}@c.us`, 'admin', 'participant'],
      ['join', `${carl}@c.us`, 'participant', 'participant'],
      ['leave', `${bob}@c.us`, 'left', 'left'],
      ['leave', `${carl}@c.us`, 'left', 'left'],
    ]);
  });

  it('in every kind of change, several in one notification, too', async () => {
    const group = made({ participants: [phone, bob] });
    const events = await during(group, async () => {
      group.together(ana, () => {
        group.rename(ana, 'Chess');
        group.set(ana, 'locked', true);
        group.set(ana, 'announcement', true);
        group.expire(ana, 86_400);
      });
      group.set(ana, 'membership_approval_mode', true);
      group.set(ana, 'membership_approval_mode', false);
      group.setMode(ana, 'member_add_mode', 'all_member_add');
      group.setMode(ana, 'member_share_group_history_mode', 'all_member_share');
      group.set(ana, 'suspended', true);
      group.link(ana, '120363000000000009@g.us');
      group.link(ana, undefined);
      group.invite(ana);
      group.describe(ana, undefined);
      group.changeNumber(bob, carl);
      await talk.world.sandbox.groupActs.setPicture(group, ana, Buffer.from(png, 'base64'));
    });
    const changes = events.map(({ payload }) => {
      const { id: _, ...change } = payload['group'] as Record<string, unknown>;
      return change;
    });
    expect(names(events)).toEqual(Array(15).fill('group.v2.update'));
    expect(changes).toEqual([
      { subject: 'Chess' },
      { restrict: true },
      { announce: true, membersCanSendMessages: true },
      { ephemeralDuration: 86_400 },
      { newMembersApprovalRequired: true },
      { newMembersApprovalRequired: false },
      { membersCanAddNewMember: true },
      { membersCanShareHistory: true },
      { suspended: true },
      { linkedParent: '120363000000000009@g.us' },
      { linkedParent: null },
      { invite: `https://chat.whatsapp.com/${group.inviteCode}` },
      { description: '' },
      { replaced: [{ from: identity(bob), to: identity(carl) }] },
      { picture: 'changed' },
    ]);
    const { body } = await talk.world.api.get(`/api/${session}/groups/${group.jid}`);
    expect(body).toMatchObject({ subject: 'Chess', restrict: true, announce: true, memberAddMode: true, size: 3 });
  });

  it('when somebody asks to be let in, is let in, is turned away or thinks better of it', async () => {
    const group = made({ participants: [phone] });
    group.promote(ana, [phone]);
    group.set(ana, 'membership_approval_mode', true);
    const acts = talk.world.sandbox.groupActs;
    const ask = (number: string) => acts.join(group, number);
    const path = `/${group.jid}/participants/join-requests`;
    const events = await during(group, async () => {
      ask(bob);
      const { body } = await talk.world.api.get(`/api/${session}/groups${path}`);
      expect(body).toMatchObject([{ ...identity(bob), requestMethod: 'invite_link' }]);
      const approved = await post(`${path}/approve`, { participants: [{ id: `${bob}@c.us` }, { id: `${carl}@c.us` }] });
      expect(approved.body).toMatchObject([{ status: '200' }, { status: '404' }]);
      ask(carl);
      await post(`${path}/reject`, { participants: [{ id: talk.world.sandbox.contact(carl).lid }] });
      ask(carl);
      acts.turnAway(group, carl, [carl]);
    });
    expect(
      events.map(({ event, payload }) => [event, payload['action'] ?? payload['type'], payload['requesterPn']]),
    ).toEqual([
      ['group.v2.participants.join-request', 'created', `${bob}@c.us`],
      ['group.v2.participants', 'join', undefined],
      ['group.v2.participants.join-request', 'created', `${carl}@c.us`],
      ['group.v2.participants.join-request', 'rejected', `${carl}@c.us`],
      ['group.v2.participants.join-request', 'created', `${carl}@c.us`],
      ['group.v2.participants.join-request', 'revoked', `${carl}@c.us`],
    ]);
  });

  it('when it happened while we were away, and when the account is removed', async () => {
    const group = made({ participants: [phone, bob] });
    await talk.next('group.v2.join', ({ group: one }) => (one as { id: string }).id === group.jid);
    const events = await during(group, async () => {
      await talk.world.api.post(`/api/sessions/${session}/stop`);
      group.rename(ana, 'While you were away');
      group.remove(ana, [bob]);
      await talk.world.api.post(`/api/sessions/${session}/start`);
    });
    expect(names(events)).toEqual(['group.v2.update', 'group.v2.participants']);
    const { body } = await talk.world.api.get(`/api/${session}/groups/${group.jid}/participants/v2`);
    expect(body).toHaveLength(2);
    const before = told(group).length;
    group.remove(ana, [phone]);
    await talk.next('group.leave', ({ id }) => id === group.jid);
    expect(names(told(group).slice(before)).sort()).toEqual(['group.leave', 'group.v2.leave', 'group.v2.participants']);
    expect((await talk.world.api.get(`/api/${session}/groups/${group.jid}`)).status).toBe(403);
  });

  it('when we were away for so long that WhatsApp dropped what it had to tell', async () => {
    const { api, sandbox } = talk.world;
    const group = made({ participants: [phone, bob] });
    const left = made({ participants: [phone, bob] });
    const quiet = made({ participants: [phone, carl] });
    for (const { jid } of [group, left, quiet])
      await talk.next('group.v2.join', ({ group: one }) => (one as { id: string }).id === jid);
    expect((await api.get(`/api/${session}/groups`)).status).toBe(200);
    await Promise.all([group, left, quiet].map(caughtUp));
    const before = [group, left, quiet].map((one) => told(one).length);
    await api.post(`/api/sessions/${session}/stop`);
    group.rename(ana, 'Another name');
    group.set(ana, 'locked', true);
    group.remove(ana, [bob]);
    group.add(ana, [carl]);
    group.promote(ana, [carl]);
    left.remove(ana, [phone]);
    const found = made({ participants: [phone, bob] });
    sandbox.phone(phone).tell({ kind: 'dirty', type: 'groups', lost: true });
    const from = await talk.world.mark();
    await api.post(`/api/sessions/${session}/start`);
    await talk.world.hooks.status(session, 'WORKING', from);
    sandbox.phone(phone).tell({ kind: 'dirty', type: 'groups' });
    await talk.next('group.join', ({ id }) => id === found.jid);
    // A second word of the same makes nothing new.
    expect((await post('/refresh')).status).toBe(200);
    await Promise.all([group, quiet, found].map(caughtUp));
    const since = (one: Group, count = 0) =>
      told(one)
        .slice(count)
        .filter(({ payload }) => !descriptionIn(payload)?.startsWith('marker'));
    const seen = since(group, before[0]);
    expect(names(seen).sort()).toEqual([...Array(3).fill('group.v2.participants'), 'group.v2.update']);
    const update = seen.find(({ event }) => event === 'group.v2.update');
    expect(update?.payload['group']).toEqual({ id: group.jid, subject: 'Another name', restrict: true });
    const moves = seen.flatMap(({ payload: { type, participants } }) =>
      type ? [[type, (participants as { pn: string }[]).map(({ pn }) => pn)]] : [],
    );
    expect(moves.sort()).toEqual([
      ['join', [`${carl}@c.us`]],
      ['leave', [`${bob}@c.us`]],
      ['promote', [`${carl}@c.us`]],
    ]);
    expect(names(since(left, before[1])).sort()).toEqual(['group.leave', 'group.v2.leave']);
    expect(since(quiet, before[2])).toEqual([]);
    expect(names(since(found)).sort()).toEqual(['group.join', 'group.v2.join']);
  });

  it('when the same changes again between two such absences, and when we change it after one', async () => {
    const { api, sandbox } = talk.world;
    const group = made({ participants: [phone, bob] });
    group.promote(ana, [phone]);
    expect((await api.get(`/api/${session}/groups`)).status).toBe(200);
    await caughtUp(group);
    const before = told(group).length;
    const absence = async (act: () => void) => {
      await api.post(`/api/sessions/${session}/stop`);
      act();
      sandbox.phone(phone).tell({ kind: 'dirty', type: 'groups', lost: true });
      const from = talk.world.hooks.all.length;
      await api.post(`/api/sessions/${session}/start`);
      await talk.world.hooks.status(session, 'WORKING', from);
      expect((await post('/refresh')).status).toBe(200);
    };
    for (let turn = 0; turn < 2; turn++) {
      await absence(() => {
        group.rename(ana, 'There');
        group.remove(ana, [bob]);
      });
      await absence(() => {
        group.rename(ana, 'Back');
        group.add(ana, [bob]);
      });
    }
    await api.put(`/api/${session}/groups/${group.jid}/subject`, { subject: 'Ours' });
    await api.put(`/api/${session}/groups/${group.jid}/subject`, { subject: 'Back' });
    await post(`/${group.jid}/participants/remove`, { participants: [{ id: `${bob}@c.us` }] });
    await caughtUp(group);
    const since = told(group).slice(before);
    const subjects = since.flatMap(({ payload: { group: one } }) => (one as { subject?: string }).subject ?? []);
    expect(subjects).toEqual(['There', 'Back', 'There', 'Back', 'Ours', 'Back']);
    const types = since.flatMap(({ payload: { type } }) => type ?? []);
    expect(types).toEqual(['leave', 'join', 'leave', 'join', 'leave']);
  });
});
