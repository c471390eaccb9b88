import { beforeAll, describe, expect, it } from 'vitest';
import type { Group } from '../../plugins/sandbox/sandbox.ts';
import { conversation } from '../support/conversation.ts';

const talk = conversation({ baileys: { queryTimeoutMs: 4000 } });
const { session, phone, ana } = talk;
const bob = '4915200002003';
const refusals = { 403: '4915200002010', 408: '4915200002011', 417: '4915200002012', 419: '4915200002013' } as const;
const nobody = '4915200002020';
const base = `/api/${session}/groups`;

const call = (method: string, path: string, body?: object) =>
  talk.world.api.call(method, base + path, body && JSON.stringify(body));
const people = (...numbers: string[]) => ({ participants: numbers.map((number) => ({ id: `${number}@c.us` })) });
const sentence = ({ body }: { body: { message: string | string[] } }) => [body.message].flat().join('; ');

describe('an operation on groups', () => {
  let group: Group;

  beforeAll(() => {
    const { sandbox } = talk.world;
    group = sandbox.group({ subject: 'Club', owner: ana, participants: [phone] });
    for (const [code, number] of Object.entries(refusals)) sandbox.groupActs.refuse(number, Number(code) as 403);
    sandbox.absent(nobody);
  });

  it('names the field that is wrong', async () => {
    const cases: [string, string, object | undefined, number, RegExp][] = [
      ['GET', `/${ana}@c.us`, undefined, 400, /^id must be a group/],
      ['GET', '/nonsense', undefined, 400, /^id/],
      ['POST', '', { name: '', participants: [] }, 400, /^name must not be empty/],
      ['POST', '', { name: 'x'.repeat(101), participants: [] }, 400, /^name must not be longer than 100/],
      ['POST', '', { name: 'x' }, 400, /participants/],
      ['POST', '', { name: 'x', participants: [{ id: 'nobody' }] }, 422, /^participants\[0\]\.id: nobody has/],
      ['POST', '', { name: 'x', participants: [{ id: 'no body' }] }, 400, /participants\[0\]\.id/],
      ['POST', `/${group.jid}/participants/add`, { participants: [] }, 400, /participants/],
      ['POST', `/${group.jid}/participants/add`, { participants: [{ id: group.jid }] }, 400, /participants\[0\]\.id/],
      ['PUT', `/${group.jid}/subject`, { subject: ' ' }, 400, /^subject/],
      ['PUT', `/${group.jid}/description`, { description: 'x'.repeat(2049) }, 400, /^description/],
      ['POST', '/join', { code: 'https://example.com/x y' }, 400, /^code/],
    ];
    for (const [method, path, body, status, words] of cases) {
      const answer = await call(method, path, body);
      expect([path, answer.status, sentence(answer)]).toEqual([path, status, expect.stringMatching(words)]);
    }
  });

  it('says that there is no such group, or that the account is not in it', async () => {
    const strange = talk.world.sandbox.group({ subject: 'Others', owner: bob, participants: [] });
    const operations: [string, string, object?][] = [
      ['GET', ''],
      ['GET', '/participants/v2'],
      ['GET', '/invite-code'],
      ['GET', '/settings/security/messages-admin-only'],
      ['POST', '/leave'],
      ['PUT', '/subject', { subject: 'x' }],
      ['PUT', '/description', { description: 'x' }],
      ['PUT', '/settings/security/member-add-mode', { membersCanAddNewMember: true }],
      ['POST', '/participants/add', people(bob)],
      ['GET', '/participants/join-requests'],
      ['DELETE', '/picture'],
    ];
    for (const [method, path, body] of operations) {
      const unknown = await call(method, `/120363999999999999@g.us${path}`, body);
      expect([path, unknown.status]).toEqual([path, 404]);
      const foreign = await call(method, `/${strange.jid}${path}`, body);
      expect([path, foreign.status]).toEqual([path, 403]);
    }
    expect((await call('POST', '/join', { code: 'aaaaaaaaaaaaaaaa' })).status).toBe(404);
    expect((await call('GET', '/join-info?code=aaaaaaaaaaaaaaaa')).status).toBe(404);
  });

  it('says that only admins may do that', async () => {
    group.set(ana, 'locked', true);
    const operations: [string, string, object?][] = [
      ['PUT', '/subject', { subject: 'x' }],
      ['PUT', '/description', { description: 'x' }],
      ['PUT', '/settings/security/messages-admin-only', { adminsOnly: true }],
      ['POST', '/participants/add', people(bob)],
      ['POST', '/participants/remove', people(ana)],
      ['POST', '/admin/promote', people(phone)],
      ['GET', '/invite-code'],
      ['POST', '/invite-code/revoke'],
      ['GET', '/participants/join-requests'],
      ['DELETE', '/picture'],
    ];
    for (const [method, path, body] of operations) {
      const answer = await call(method, `/${group.jid}${path}`, body);
      expect([path, answer.status, sentence(answer)]).toEqual([path, 403, expect.stringContaining('admins')]);
    }
    expect([group.subject, [...group.members.keys()].sort()]).toEqual(['Club', [ana, phone].sort()]);
    group.set(ana, 'locked', false);
  });

  it('says of each person what became of it, and hands out an invitation where one can be sent', async () => {
    group.promote(ana, [phone]);
    const asked = [bob, ana, nobody, ...Object.values(refusals)];
    const { status, body } = await call('POST', `/${group.jid}/participants/add`, people(...asked));
    expect([status, body.map((one: { status: string }) => one.status)]).toEqual([
      200,
      ['200', '409', '404', '403', '408', '417', '419'],
    ]);
    expect(body[3]).toMatchObject({
      pn: `${refusals[403]}@c.us`,
      message: expect.stringContaining('invitation'),
      invitation: { code: group.invites.get(refusals[403])?.code, expiration: expect.any(Number) },
    });
    const removed = await call('POST', `/${group.jid}/participants/remove`, people(bob, nobody, ana));
    expect(removed.body.map((one: { status: string }) => one.status)).toEqual(['200', '404', '406']);
    expect([...group.members.keys()].sort()).toEqual([ana, phone].sort());
    const made = await call('POST', '', { name: 'New', ...people(bob, refusals[403], nobody) });
    expect([made.status, made.body.participants.length]).toEqual([201, 2]);
    expect(made.body.refused).toMatchObject([
      { status: '403', pn: `${refusals[403]}@c.us`, invitation: { code: expect.any(String) } },
      { status: '404', pn: `${nobody}@c.us` },
    ]);
    const { body: roster } = await call('GET', `/${made.body.id}/participants/v2`);
    expect(roster).toHaveLength(2);
  });

  it('fails in time when WhatsApp does not answer, and leaves what is known as it was', async () => {
    talk.world.sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:g2' });
    const operations: [string, string, object?][] = [
      ['PUT', `/${group.jid}/subject`, { subject: 'Lost' }],
      ['POST', `/${group.jid}/participants/add`, people(bob)],
      ['POST', '', { name: 'Lost', ...people(bob) }],
      ['POST', '/refresh'],
      ['GET', `/${group.jid}/invite-code`],
    ];
    const answers = await Promise.all(operations.map(([method, path, body]) => call(method, path, body)));
    expect(answers.map(({ status }) => status)).toEqual(operations.map(() => 503));
    expect((await call('GET', `/${group.jid}`)).body).toMatchObject({ subject: 'Club', size: 2 });
  });

  it('is a 429 when WhatsApp finds it too much, and all groups are not asked for again at once', async () => {
    const { faults } = talk.world.sandbox;
    faults.clear();
    expect((await call('GET', '')).status).toBe(200);
    faults.set({ kind: 'refuse-query', xmlns: 'w:g2', code: 429, times: 1 });
    const first = await call('POST', '/refresh');
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '60']);
    const second = await call('POST', '/refresh');
    expect(second.status).toBe(429);
    expect(Number(second.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect((await call('GET', '')).body[group.jid]).toMatchObject({ subject: 'Club' });
    expect((await call('PUT', `/${group.jid}/subject`, { subject: 'Paced' })).status).toBe(200);
    for (const code of [400, 403, 404, 500, 503]) {
      faults.set({ kind: 'refuse-query', xmlns: 'w:g2', code, times: 1 });
      const { status, body } = await call('PUT', `/${group.jid}/subject`, { subject: 'Refused' });
      expect([code, status]).toEqual([code, { 403: 403, 404: 404 }[code] ?? 422]);
      expect(body.message).toEqual(expect.any(String));
    }
    expect((await call('GET', `/${group.jid}`)).body).toMatchObject({ subject: 'Paced' });
  });
});
