import { beforeAll, describe, expect, it } from 'vitest';
import type { Group } from '../../plugins/sandbox/sandbox.ts';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation();
const { session, phone, ana } = talk;
const bob = '4915200002003';
const carl = '4915200002004';
const base = `/api/${session}/groups`;

const sandbox = () => talk.world.sandbox;
const get = (path: string) => talk.world.api.get(base + path);
const put = (path: string, body: object) => talk.world.api.put(base + path, body);
const post = (path: string, body: object = {}) => talk.world.api.post(base + path, body);
const remove = (path: string) => talk.world.api.delete(base + path);
const people = (...numbers: string[]) => ({ participants: numbers.map((number) => ({ id: `${number}@c.us` })) });
const onServer = (id: string): Group => {
  const group = sandbox()
    .groups()
    .find(({ jid }) => jid === id);
  if (!group) throw new Error(`the sandbox has no group ${id}`);
  return group;
};
const lidOf = (number: string) => sandbox().contact(number).lid;

describe('groups', () => {
  let id: string;
  let group: Group;

  beforeAll(async () => {
    const { status, body } = await post('', { name: 'Corner shop', ...people(ana) });
    expect([status, body]).toEqual([201, expect.objectContaining({ subject: 'Corner shop', refused: [] })]);
    id = body.id;
    group = onServer(id);
  });

  it('are made with their members, whose messages and ours arrive', async () => {
    expect([...group.members]).toEqual([
      [ana, 'member'],
      [phone, 'superadmin'],
    ]);
    const sent = await talk.delivered('/api/sendText', { chatId: id, text: 'open from nine' });
    expect(sent.message.extendedTextMessage?.text ?? sent.message.conversation).toBe('open from nine');
    await talk.contact.send(id, 'thanks');
    await talk.next('message', ({ body, from }) => body === 'thanks' && from === id);
  });

  it('are listed, counted and described', async () => {
    expect((await get('/count')).body).toEqual({ count: 1 });
    const listed = await get('?limit=10&sortBy=subject');
    expect(Object.keys(listed.body)).toEqual([id]);
    const member = { id: lidOf(ana), phoneNumber: `${ana}@s.whatsapp.net`, admin: null };
    expect(listed.body[id].participants).toContainEqual(member);
    expect((await get('?exclude=participants')).body[id]).not.toHaveProperty('participants');
    expect((await get(`/${id}`)).body).toMatchObject({ id, subject: 'Corner shop', size: 2, announce: false });
    expect((await get(`/${id}/participants`)).body).toContainEqual(member);
    expect((await get(`/${id}/participants/v2`)).body).toContainEqual({
      ...{ id: lidOf(ana), lid: lidOf(ana), pn: `${ana}@c.us`, username: null, role: 'participant' },
    });
    expect((await post('/refresh')).body).toEqual({ success: true });
  });

  it('take a subject and a description, which the others see', async () => {
    expect((await put(`/${id}/subject`, { subject: 'lunch:2@noon' })).status).toBe(200);
    expect(group.subject).toBe('lunch:2@noon');
    await talk.next('group.v2.update', ({ group: told }) => (told as { subject?: string }).subject === 'lunch:2@noon');
    expect((await get(`/${id}`)).body.subject).toBe('lunch:2@noon');
    for (const description of ['What it is for', 'And what else', '']) {
      expect((await put(`/${id}/description`, { description })).status).toBe(200);
      expect(group.description?.text).toBe(description || undefined);
      expect((await get(`/${id}`)).body.desc).toBe(description || undefined);
    }
    for (const name of ['beer:2@noon', 'constructor']) {
      const { body } = await post('', { name, ...people(ana) });
      expect([body.subject, onServer(body.id).subject]).toEqual([name, name]);
      expect((await post(`/${body.id}/leave`)).status).toBe(200);
      expect(onServer(body.id).members.has(phone)).toBe(false);
    }
  });

  it('have switches', async () => {
    const cases: [string, string, () => boolean][] = [
      ['info-admin-only', 'adminsOnly', () => group.switches.has('locked')],
      ['messages-admin-only', 'adminsOnly', () => group.switches.has('announcement')],
      ['member-add-mode', 'membersCanAddNewMember', () => group.everyoneAdds],
      ['membership-approval', 'newMembersApprovalRequired', () => group.switches.has('membership_approval_mode')],
      ['member-share-history-mode', 'membersCanShareHistory', () => group.everyoneShares],
    ];
    for (const [path, field, isOn] of cases) {
      for (const on of [true, false]) {
        expect((await put(`/${id}/settings/security/${path}`, { [field]: on })).status).toBe(200);
        expect([path, isOn()]).toEqual([path, on]);
        expect((await get(`/${id}/settings/security/${path}`)).body).toEqual({ [field]: on });
      }
    }
  });

  it('take members in and let them go, make them admins and members again', async () => {
    const added = await post(`/${id}/participants/add`, people(bob, carl));
    expect(added.body).toMatchObject([
      { status: '200', pn: `${bob}@c.us`, lid: lidOf(bob) },
      { status: '200', pn: `${carl}@c.us` },
    ]);
    expect((await post(`/${id}/admin/promote`, people(bob))).body).toMatchObject([{ status: '200' }]);
    expect(group.members.get(bob)).toBe('admin');
    expect((await get(`/${id}/participants/v2`)).body).toContainEqual(
      expect.objectContaining({ pn: `${bob}@c.us`, role: 'admin' }),
    );
    expect((await post(`/${id}/admin/demote`, { participants: [{ id: lidOf(bob) }] })).status).toBe(200);
    expect(group.members.get(bob)).toBe('member');
    expect((await post(`/${id}/participants/remove`, people(bob, carl))).body).toMatchObject([
      { status: '200' },
      { status: '200' },
    ]);
    expect([...group.members.keys()].sort()).toEqual([phone, ana].sort());
    expect((await get(`/${id}/participants/v2`)).body).toHaveLength(2);
  });

  it('have a picture', async () => {
    expect((await get(`/${id}/picture`)).body).toEqual({ url: null });
    const file = { mimetype: 'image/png', data: png };
    expect((await put(`/${id}/picture`, { file })).body).toEqual({ success: true });
    expect((await get(`/${id}/picture`)).body.url).toContain(`/${group.picture?.id}_image.jpg`);
    expect((await remove(`/${id}/picture`)).body).toEqual({ success: true });
    expect(group.picture).toBeUndefined();
    expect((await get(`/${id}/picture`)).body).toEqual({ url: null });
  });

  it('are joined by their invitation, as a code and as a link', async () => {
    const other = sandbox().group({ subject: 'By invitation', owner: bob, participants: [] });
    const link = `https://chat.whatsapp.com/${other.inviteCode}`;
    expect((await get(`/join-info?code=${encodeURIComponent(link)}`)).body).toMatchObject({ subject: 'By invitation' });
    expect([(await post('/join', { code: link })).body, other.members.has(phone)]).toEqual([
      { id: other.jid, pending: false },
      true,
    ]);
    expect((await post(`/${other.jid}/leave`)).status).toBe(200);
    const code = (await get(`/${id}/invite-code`)).body.toString();
    expect(code).toBe(group.inviteCode);
    const next = (await post(`/${id}/invite-code/revoke`)).body.toString();
    expect([next, next === code]).toEqual([group.inviteCode, false]);
    expect((await get(`/join-info?code=${code}`)).status).toBe(404);
  });
});
