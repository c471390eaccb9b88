import {
  type BinaryNode,
  generateMessageIDV2,
  getBinaryNodeChild,
  getBinaryNodeChildren,
} from '@whiskeysockets/baileys';
import {
  badRequest,
  type GroupParticipant,
  type GroupSetting,
  type Groups,
  unavailable,
  unprocessable,
} from 'waha-runtime';
import type { CreatedGroup, GroupListQuery, JoinRequest, ParticipantResult, RawGroup } from 'waha-runtime/engine';
import type { GroupChange, MembersAction } from '../../identity/groups/changes.ts';
import { type GroupDescription, headOf, type Member, memberOf } from '../../identity/groups/description.ts';
import type { Groups as KnownGroups } from '../../identity/groups/groups.ts';
import { participantOf, personOf } from '../../identity/groups/people.ts';
import { type GroupServer, groupIn, INVITATION, meant, TO_JOIN } from '../../identity/groups/queries.ts';
import type { LidMappings } from '../../identity/lid-mappings.ts';
import type { PhoneNumbers } from '../../identity/phone-numbers.ts';
import type { Requests } from '../../socket/requests.ts';
import type { BaileysPictures } from '../pictures.ts';
import { putPicture, squareJpeg } from '../profile-picture.ts';
import { namedAsMembers, participantNodes, peopleOf, placeOf, resultsIn } from './participants.ts';
import { settingNode } from './settings.ts';
import { codeOf, descriptionOf, groupOf, subjectOf } from './texts.ts';

export interface GroupsOptions {
  readonly requests: Requests;
  readonly groups: KnownGroups;
  readonly groupServer: GroupServer;
  readonly names: LidMappings;
  readonly numbers: Pick<PhoneNumbers, 'reachAll'>;
  readonly pictures: BaileysPictures;
  rotateGroupKey(group: string): void;
}

const CONFLICT = /error 409/;

/**
 * Groups. WhatsApp's answers are read here and not by Baileys, which takes silence for success and drops what concerns single
 * people. What the account changed is known at once; events come of WhatsApp's notification alone, so each comes once.
 */
export class BaileysGroups implements Groups {
  readonly #options: GroupsOptions;

  constructor(options: GroupsOptions) {
    this.#options = options;
  }

  async create({ name, participants }: { name: string; participants: readonly string[] }): Promise<CreatedGroup> {
    const { groupServer, groups, names } = this.#options;
    const subject = subjectOf(name, 'name');
    const people = await this.#people(participants);
    const answer = await groupServer.askAll('the new group', 'set', {
      tag: 'create',
      attrs: { subject, key: generateMessageIDV2() },
      content: participantNodes(people),
    });
    const group = groupIn(answer);
    const results = await resultsIn(getBinaryNodeChild(answer, 'group'), names);
    await groups.put(group);
    return { ...group, subject, refused: results.filter(({ status }) => status !== '200') };
  }

  async list({
    limit,
    offset = 0,
    sortBy,
    sortOrder = 'asc',
    withoutParticipants,
  }: GroupListQuery): Promise<RawGroup[]> {
    const { groups } = this.#options;
    const heads = [...(await groups.list()).values()];
    if (sortBy) heads.sort((one, other) => compare(one[sortBy], other[sortBy]) * (sortOrder === 'desc' ? -1 : 1));
    const page = heads.slice(offset, limit === undefined ? undefined : offset + limit);
    if (!withoutParticipants) return groups.several(page.map(({ id }) => id));
    const uncounted = page.filter(({ size }) => size === undefined).map(({ id }) => id);
    const counted = new Map((await groups.several(uncounted)).map((group) => [group.id, headOf(group)]));
    return page.map((head) => counted.get(head.id) ?? head) as unknown as RawGroup[];
  }

  async count(): Promise<number> {
    return (await this.#options.groups.list()).size;
  }

  refresh(): Promise<void> {
    return this.#options.groups.refresh();
  }

  get(id: string): Promise<GroupDescription> {
    return this.#described(groupOf(id));
  }

  async invited(code: string): Promise<RawGroup> {
    const invite = { tag: 'invite', attrs: { code: codeOf(code) } };
    return groupIn(await this.#options.groupServer.askAll(INVITATION, 'get', invite));
  }

  async join(code: string): Promise<{ id: string; pending: boolean }> {
    const invite = { tag: 'invite', attrs: { code: codeOf(code) } };
    const answer = await this.#options.groupServer.askAll(TO_JOIN, 'set', invite);
    const joined = getBinaryNodeChild(answer, 'group')?.attrs['jid'];
    const asked = getBinaryNodeChild(answer, 'membership_approval_request')?.attrs['jid'];
    const id = joined ?? asked;
    if (!id) throw unavailable('WhatsApp did not say which group it is');
    return { id, pending: joined === undefined };
  }

  async leave(id: string): Promise<void> {
    const jid = groupOf(id);
    await this.#described(jid);
    const content = [{ tag: 'group', attrs: { id: jid } }];
    await this.#options.groupServer.askAll('to leave the group', 'set', { tag: 'leave', attrs: {}, content });
    await this.#options.groups.apply(jid, [], true);
  }

  async setSubject(id: string, subject: string): Promise<void> {
    const text = subjectOf(subject, 'subject');
    const change = { tag: 'subject', attrs: {}, content: Buffer.from(text) };
    await this.#set(groupOf(id), 'the subject', change, { subject: text });
  }

  /** WhatsApp wants to know which description is replaced: when somebody was faster, it is asked for and tried once more. */
  async setDescription(id: string, description: string): Promise<void> {
    const jid = groupOf(id);
    const desc = descriptionOf(description) || undefined;
    for (let isLast = false; ; isLast = true) {
      const { descId } = isLast ? await this.#options.groupServer.one(jid) : await this.#described(jid);
      const next = desc === undefined ? undefined : generateMessageIDV2();
      const attrs = { ...(next ? { id: next } : { delete: 'true' }), ...(descId ? { prev: descId } : {}) };
      const body = desc === undefined ? {} : { content: [{ tag: 'body', attrs: {}, content: Buffer.from(desc) }] };
      try {
        return await this.#set(jid, 'the description', { tag: 'description', attrs, ...body }, { desc, descId: next });
      } catch (error) {
        if (isLast || !CONFLICT.test(String(error))) throw error;
      }
    }
  }

  async setting(id: string, setting: GroupSetting): Promise<boolean> {
    return (await this.#described(groupOf(id)))[setting];
  }

  change(id: string, setting: GroupSetting, on: boolean): Promise<void> {
    return this.#set(groupOf(id), 'the setting', settingNode(setting, on), { [setting]: on });
  }

  inviteCode(id: string): Promise<string> {
    return this.#code(groupOf(id), 'get');
  }

  revokeInviteCode(id: string): Promise<string> {
    return this.#code(groupOf(id), 'set');
  }

  async setPicture(id: string, image: Uint8Array): Promise<void> {
    const jid = groupOf(id);
    await this.#put(jid, await squareJpeg(image));
  }

  async removePicture(id: string): Promise<void> {
    await this.#put(groupOf(id), null);
  }

  async participants(id: string): Promise<GroupParticipant[]> {
    const { participants } = await this.#described(groupOf(id));
    return Promise.all(participants.map((member) => participantOf(member, this.#options.names)));
  }

  async changeParticipants(id: string, action: MembersAction, ids: readonly string[]): Promise<ParticipantResult[]> {
    const { groups, groupServer, names, rotateGroupKey } = this.#options;
    const jid = groupOf(id);
    const people = await this.#people(ids);
    if (people.length === 0) throw badRequest('participants must name somebody');
    const { participants } = await this.#described(jid);
    const named = await namedAsMembers(people, participants, names);
    const content = participantNodes(named);
    const answer = await groupServer.ask(`to ${action} participants`, jid, 'set', { tag: action, attrs: {}, content });
    const part = getBinaryNodeChild(answer, action);
    if (action === 'remove') rotateGroupKey(jid);
    const results = await resultsIn(part, names);
    // Who was added is in the group's own words in the notification.
    if (part && action !== 'add') await groups.apply(jid, [{ kind: 'members', action, members: doneIn(part) }]);
    return results;
  }

  async joinRequests(id: string): Promise<JoinRequest[]> {
    const { groupServer, names } = this.#options;
    const jid = groupOf(id);
    const content = { tag: 'membership_approval_requests', attrs: {} };
    const answer = await groupServer.ask('the list of requests', jid, 'get', content);
    const requests = getBinaryNodeChild(answer, 'membership_approval_requests')?.content;
    return Promise.all(
      (Array.isArray(requests) ? requests : []).map(async (one) => ({
        ...(await personOf(memberOf(one), names)),
        requestMethod: one.attrs['request_method'] ?? null,
        timestamp: one.attrs['request_time'] ? Number(one.attrs['request_time']) : null,
      })),
    );
  }

  async answerJoinRequests(
    id: string,
    answer: 'approve' | 'reject',
    ids: readonly string[],
  ): Promise<ParticipantResult[]> {
    const { groupServer, names } = this.#options;
    const jid = groupOf(id);
    const people = await this.#people(ids);
    if (people.length === 0) throw badRequest('participants must name somebody');
    const asking = (await this.joinRequests(id)).map(({ id: own, lid, pn }) => [own, lid, pn]);
    const named = await this.#asAsked(people, asking);
    const action = { tag: answer, attrs: {}, content: participantNodes(named) };
    const content = { tag: 'membership_requests_action', attrs: {}, content: [action] };
    const said = await groupServer.ask('the answer to the requests', jid, 'set', content);
    const part = getBinaryNodeChild(getBinaryNodeChild(said, 'membership_requests_action'), answer);
    return resultsIn(part, names);
  }

  /** People under the name under which they asked. */
  async #asAsked(people: readonly string[], asking: readonly (string | null)[][]): Promise<string[]> {
    const { names } = this.#options;
    return Promise.all(
      people.map(async (jid) => {
        const known = await names.idsOf([jid]);
        const own = asking.find((ids) => ids.some((one) => one && known.includes(one)))?.[0];
        return own ? (peopleOf([own])[0] ?? jid) : jid;
      }),
    );
  }

  /** Under the names that their accounts have. */
  #people(ids: readonly string[]): Promise<string[]> {
    const { requests, numbers } = this.#options;
    const people = peopleOf(ids);
    return requests.call('the participants', (sock) => numbers.reachAll(sock, people, placeOf));
  }

  async #described(jid: string): Promise<GroupDescription> {
    return (await this.#options.groups.get(jid)).metadata;
  }

  async #set(jid: string, what: string, node: BinaryNode, facts: FactsChange['facts']): Promise<void> {
    await this.#options.groupServer.ask(what, jid, 'set', node);
    await this.#options.groups.apply(jid, [{ kind: 'facts', facts }]);
  }

  async #code(jid: string, type: 'get' | 'set'): Promise<string> {
    const answer = await this.#options.groupServer.ask(INVITATION, jid, type, { tag: 'invite', attrs: {} });
    const code = getBinaryNodeChild(answer, 'invite')?.attrs['code'];
    if (!code) throw unprocessable('WhatsApp gave no invitation to the group');
    return code;
  }

  async #put(jid: string, jpeg: Buffer | null): Promise<void> {
    const { requests, pictures } = this.#options;
    await this.#described(jid);
    try {
      await requests.call('the picture', (sock) => putPicture(sock, jpeg, jid));
    } catch (error) {
      throw meant(error, 'the picture');
    }
    pictures.forget(jid);
  }
}

type FactsChange = Extract<GroupChange, { kind: 'facts' }>;

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Those of an answer with whom it was done. */
const doneIn = (part: BinaryNode): Member[] =>
  getBinaryNodeChildren(part, 'participant')
    .filter(({ attrs: { error } }) => !error || error === '200')
    .map(memberOf);
