import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Group } from '../../plugins/sandbox/sandbox.ts';
import { conversation } from '../support/conversation.ts';
import { propertyRuns } from '../support/property-runs.ts';

const talk = conversation();
const { session, phone, ana } = talk;
const members = ['4915200002101', '4915200002102', '4915200002103', '4915200002104', '4915200002105'];
const base = `/api/${session}/groups`;

const someone = fc.constantFrom(...members);
/** One of the members, or we. */
const actor = { by: someone, ours: fc.boolean() };
const change = fc.oneof(
  fc.record({
    kind: fc.constantFrom('add' as const, 'remove' as const, 'promote' as const, 'demote' as const),
    who: someone,
    ...actor,
  }),
  fc.record({
    kind: fc.constantFrom('subject' as const, 'description' as const),
    text: fc.stringMatching(/^[a-z@:]{1,20}$/),
    ...actor,
  }),
  fc.record({
    kind: fc.constantFrom('locked' as const, 'announcement' as const, 'membership_approval_mode' as const),
    on: fc.boolean(),
    ...actor,
  }),
  fc.record({ kind: fc.constant('offline' as const), off: fc.boolean() }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const paths = {
  ...{ add: '/participants/add', remove: '/participants/remove', promote: '/admin/promote', demote: '/admin/demote' },
  ...{ locked: 'info-admin-only', announcement: 'messages-admin-only' },
  membership_approval_mode: 'membership-approval',
};

/** Makes changes of one group, and counts what has to be told of them. */
class Play {
  expected = 0;
  #isOff = false;
  readonly #group: Group;

  constructor(group: Group) {
    this.#group = group;
  }

  async make(one: Change): Promise<void> {
    if (one.kind === 'offline') return this.#turn(one.off);
    if ('who' in one && !this.#isNews(one.kind, one.who)) return;
    this.expected += 1;
    if (one.ours && !this.#isOff) await this.#byUs(one);
    else this.#byOthers(one);
  }

  async #turn(off: boolean): Promise<void> {
    if (off === this.#isOff) return;
    this.#isOff = off;
    await talk.world.api.post(`/api/sessions/${session}/${off ? 'stop' : 'start'}`);
  }

  back(): Promise<void> {
    return this.#turn(false);
  }

  /** Nobody is told of what is so already. */
  #isNews(kind: 'add' | 'remove' | 'promote' | 'demote', who: string): boolean {
    return this.#group.members.has(who) === (kind !== 'add');
  }

  #byOthers(one: Exclude<Change, { kind: 'offline' }>): void {
    const by = this.#group.members.has(one.by) ? one.by : ana;
    if ('on' in one) this.#group.set(by, one.kind, one.on);
    else if ('who' in one) this.#group[one.kind](by, [one.who]);
    else if (one.kind === 'subject') this.#group.rename(by, one.text);
    else this.#group.describe(by, one.text);
  }

  async #byUs(one: Exclude<Change, { kind: 'offline' }>): Promise<void> {
    const at = `${base}/${this.#group.jid}`;
    const { api } = talk.world;
    const call = async () => {
      if ('text' in one) return api.put(`${at}/${one.kind}`, { [one.kind]: one.text });
      if ('who' in one) return api.post(`${at}${paths[one.kind]}`, { participants: [{ id: `${one.who}@c.us` }] });
      const name = one.kind === 'membership_approval_mode' ? 'newMembersApprovalRequired' : 'adminsOnly';
      return api.put(`${at}/settings/security/${paths[one.kind]}`, { [name]: one.on });
    };
    expect((await call()).status).toBe(200);
  }
}

describe('the roster of a group', () => {
  it('equals the server’s after any changes by us and others, on- and offline, and each was told once', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom('lid' as const, 'pn' as const),
      fc.array(change, { minLength: 5, maxLength: 25 }),
      async (addressing, changes) => {
        const { sandbox, hooks, api } = talk.world;
        const group = sandbox.group({ subject: 'Club', owner: ana, participants: [phone, ...members], addressing });
        group.promote(ana, [phone]);
        const play = new Play(group);
        for (const one of changes) await play.make(one);
        await play.back();
        group.describe(ana, 'the end');
        await talk.next('group.v2.update', ({ group: told }) => {
          const { id, description } = told as { id: string; description?: string };
          return id === group.jid && description === 'the end';
        });
        const told = hooks.all.filter(({ event, again }) => {
          const isChange = event.event === 'group.v2.update' || event.event === 'group.v2.participants';
          return isChange && !again && (event.payload as { group: { id: string } }).group.id === group.jid;
        });
        // Besides: our promotion, and the description.
        expect(told).toHaveLength(play.expected + 2);
        const { body } = await api.get(`${base}/${group.jid}`);
        const { body: roster } = await api.get(`${base}/${group.jid}/participants/v2`);
        expect(body).toMatchObject({
          ...{ subject: group.subject, size: group.members.size },
          ...{ restrict: group.switches.has('locked'), announce: group.switches.has('announcement') },
          ...{ joinApprovalMode: group.switches.has('membership_approval_mode'), desc: 'the end' },
        });
        const ranks = roster.map(({ pn, role }: { pn: string; role: string }) => [pn.split('@')[0], role]).sort();
        expect(ranks).toEqual(
          [...group.members].map(([number, rank]) => [number, rank === 'member' ? 'participant' : rank]).sort(),
        );
      },
    );
    await fc.assert(property, propertyRuns(8));
  });

  it('is kept over a restart: WhatsApp is not asked again', async () => {
    const group = talk.world.sandbox.group({ subject: 'Kept', owner: ana, participants: [phone, ...members] });
    await talk.next('group.v2.join', ({ group: told }) => (told as { id: string }).id === group.jid);
    const count = (await talk.world.api.get(`${base}/count`)).body.count as number;
    const from = await talk.world.mark();
    await talk.world.reboot();
    await talk.world.hooks.status(session, 'WORKING', from);
    talk.world.sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:g2' });
    expect((await talk.world.api.get(`${base}/count`)).body.count).toBe(count);
    const listed = await talk.world.api.get(`${base}?limit=10000`);
    expect(listed.body[group.jid].participants).toHaveLength(7);
    expect((await talk.world.api.get(`${base}/${group.jid}`)).body).toMatchObject({ subject: 'Kept', size: 7 });
    talk.world.sandbox.faults.clear();
    const sent = await talk.delivered('/api/sendText', { chatId: group.jid, text: 'still here' });
    expect(sent.message.extendedTextMessage?.text ?? sent.message.conversation).toBe('still here');
  });
});
