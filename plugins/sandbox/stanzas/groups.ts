import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import { acceptPersonalInvite, joinByCode } from '../groups/admission.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import { bytesOf, childOf, childrenOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { createGroup, decideRequests, memberChanges, numberIn, refuseUnless, requestsOf } from './group-members.ts';
import { type GroupQuery, mayDo, Refused } from './group-rights.ts';

type Change = (query: GroupQuery) => BinaryNode[];

const silently =
  (act: (query: GroupQuery) => void): Change =>
  (query) => {
    act(query);
    return [];
  };

const LONGEST_SUBJECT = 100;
const LONGEST_DESCRIPTION = 2048;
/** How many members one answer about several groups names: not known of WhatsApp, which does leave them out. */
const MEMBERS_IN_AN_ANSWER = 20_000;
const textIn = (change: BinaryNode | undefined): string | undefined => bytesOf(change)?.toString();

/** The text is for whoever still has the old one before its eyes: `prev` has to be the id that holds. */
const describe = silently(({ group, by, change }) => {
  const { id, prev, delete: gone } = change.attrs;
  const text = textIn(childOf(change, 'body'));
  if ((group.description?.id ?? undefined) !== prev) throw new Refused(409, 'conflict');
  if (text === undefined && gone !== 'true') throw new Refused(400, 'bad-request');
  if ((text?.length ?? 0) > LONGEST_DESCRIPTION) throw new Refused(406, 'not-acceptable');
  group.describe(by, text, id);
});

const rename = silently(({ group, by, change }) => {
  const subject = textIn(change) ?? '';
  if (subject.length === 0 || subject.length > LONGEST_SUBJECT) throw new Refused(406, 'not-acceptable');
  group.rename(by, subject);
});

const setMode = silently(({ group, by, change }) => {
  group.setMode(by, change.tag as Parameters<Group['setMode']>[1], textIn(change) ?? '');
});

/** What can be done to a group, by the tag of the query's child (Baileys' `groups.js`). */
const changes: Record<string, Change> = {
  ...memberChanges,
  subject: rename,
  description: describe,
  announcement: silently(({ group, by }) => group.set(by, 'announcement', true)),
  not_announcement: silently(({ group, by }) => group.set(by, 'announcement', false)),
  locked: silently(({ group, by }) => group.set(by, 'locked', true)),
  unlocked: silently(({ group, by }) => group.set(by, 'locked', false)),
  ephemeral: silently(({ group, by, change }) => group.expire(by, Number(change.attrs['expiration'] ?? 0))),
  not_ephemeral: silently(({ group, by }) => group.expire(by, 0)),
  member_add_mode: setMode,
  member_share_group_history_mode: setMode,
  membership_approval_mode: silently(({ group, by, change }) => {
    group.set(by, 'membership_approval_mode', childOf(change, 'group_join')?.attrs['state'] === 'on');
  }),
  invite: ({ group, by }) => [node('invite', { code: group.invite(by) })],
  membership_requests_action: decideRequests,
  revoke: silently(({ group, change }) => {
    for (const one of childrenOf(change, 'participant')) group.invites.delete(numberIn(one) ?? '');
    group.changed();
  }),
};

/** Namespace `w:g2`: questions about groups, and changes to them (docs/protocol.md, "Groups"). */
export function onGroups(world: World, connection: Client, stanza: BinaryNode, { groups }: Directory): void {
  const by = connection.device?.person.number;
  const [child] = childrenOf(stanza);
  if (!by || !child) return void connection.send(refusal(stanza, 400, 'bad-request'));
  const { to = '', type } = stanza.attrs;
  try {
    const answer = isGroupServer(to)
      ? directory(world, groups, by, child, type)
      : ofGroup(world, groups, to, by, child, type);
    connection.send(result(stanza, answer));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    connection.send(refusal(stanza, error.code, error.text));
  }
}

/** Clients write the server of groups as an empty user or as a plain domain. */
const isGroupServer = (to: string): boolean => to === '@g.us' || to === 'g.us';

/** What is asked of the server rather than of one group. */
function directory(world: World, groups: Groups, by: string, child: BinaryNode, type = 'get'): BinaryNode[] {
  switch (child.tag) {
    case 'participating':
      return [participating(groups, by, child)];
    case 'query':
      return [described(groups, by, child)];
    case 'create':
      return [createGroup(world, groups, by, child)];
    case 'leave': {
      const left = childrenOf(child, 'group').flatMap((one) => groups.get(one.attrs['id'] ?? '') ?? []);
      for (const group of left) group.remove(by, [by]);
      return [
        node(
          'leave',
          {},
          left.map((group) => node('group', { id: group.jid })),
        ),
      ];
    }
    case 'invite':
      return byInvitation(world, groups, by, child, type);
    default:
      throw new Refused(400, 'bad-request');
  }
}

/** Every group of somebody. Its members and its description come for who asks for them. */
function participating(groups: Groups, by: string, question: BinaryNode): BinaryNode {
  const [participants, description] = [childOf(question, 'participants'), childOf(question, 'description')];
  const wanted = { participants: participants !== undefined, description: description !== undefined };
  const mine = groups.list().filter((group) => group.members.has(by));
  const nodes = mine.map((group) => group.describeNode(wanted));
  return node('groups', {}, nodes);
}

/** Several groups at once, each with its own verdict. What is too much for one answer has its size only. */
function described(groups: Groups, by: string, question: BinaryNode): BinaryNode {
  let room = MEMBERS_IN_AN_ANSWER;
  const nodes = childrenOf(question, 'group').map(({ attrs: { jid = '' } }) => {
    const [id] = jid.split('@');
    const group = groups.get(jid);
    if (!group?.members.has(by)) return node('group', { id, error: group ? 403 : 404 });
    room -= group.members.size;
    return room < 0 ? node('group', { id, size: group.members.size, truncated: 'true' }) : group.describeNode();
  });
  return node('groups', {}, nodes);
}

function byInvitation(world: World, groups: Groups, by: string, { attrs }: BinaryNode, type: string): BinaryNode[] {
  const { code = '' } = attrs;
  const group = groups.list().find((one) => one.inviteCode === code);
  if (!group) throw groups.wasInvite(code) ? new Refused(410, 'gone') : new Refused(406, 'not-acceptable');
  if (type === 'get') return [group.describeNode()];
  if (group.members.has(by)) throw new Refused(409, 'conflict');
  if (group.members.size >= group.capacity) throw new Refused(419, 'resource-limit');
  if (group.switches.has('growth_locked')) throw new Refused(436, 'locked');
  if (joinByCode(world, group, by) === 'joined') return [node('group', { jid: group.jid })];
  return [node('membership_approval_request', { jid: group.jid })];
}

function ofGroup(
  world: World,
  groups: Groups,
  jid: string,
  by: string,
  change: BinaryNode,
  type = 'get',
): BinaryNode[] {
  const group = groups.get(jid);
  if (!group) throw new Refused(404, 'item-not-found');
  const { tag, attrs } = change;
  if (tag === 'accept') {
    if (!acceptPersonalInvite(world, group, by, attrs['code'])) throw new Refused(406, 'not-acceptable');
    return [node('group', { jid })];
  }
  if (!group.members.has(by)) throw new Refused(403, 'forbidden');
  if (tag === 'query') return [group.describeNode()];
  const query = { world, group, by, change };
  if (type === 'get') refuseUnless(group.isAdmin(by), 401, 'not-authorized');
  if (type === 'get' && tag === 'invite') return [node('invite', { code: group.inviteCode })];
  if (type === 'get' && tag === 'membership_approval_requests') return [requestsOf(query)];
  const act = changes[tag];
  if (!act || type === 'get') throw new Refused(400, 'bad-request');
  refuseUnless(mayDo(group, by, tag), 403, 'forbidden');
  return act(query);
}
