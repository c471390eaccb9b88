import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import { parseJid } from '../wire/jids.ts';
import { bytesOf, childOf, childrenOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

type Change = (group: Group, by: string, change: BinaryNode) => BinaryNode[] | undefined;

const numbersIn = (parent: BinaryNode): string[] =>
  childrenOf(parent, 'participant').flatMap((one) => parseJid(one.attrs['jid'])?.number ?? []);

/** Adding and removing answer with the participants concerned, each with its own verdict. */
const participants =
  (act: 'add' | 'remove' | 'promote' | 'demote'): Change =>
  (group, by, change) => {
    group[act](by, numbersIn(change));
    const content = childrenOf(change, 'participant').map((one) => node('participant', one.attrs));
    return [node(act, {}, content)];
  };

const silently =
  (act: (group: Group, by: string, change: BinaryNode) => void): Change =>
  (group, by, change) => {
    act(group, by, change);
    return [];
  };

/** What can be done to a group, by the tag of the query's child (Baileys' `groups.js`). */
const changes: Record<string, Change> = {
  add: participants('add'),
  remove: participants('remove'),
  promote: participants('promote'),
  demote: participants('demote'),
  subject: silently((group, by, change) => group.rename(by, bytesOf(change)?.toString() ?? '')),
  description: silently((group, by, change) => {
    group.describe(by, bytesOf(childOf(change, 'body'))?.toString(), change.attrs['id']);
  }),
  announcement: silently((group, by) => group.set(by, 'announcement', true)),
  not_announcement: silently((group, by) => group.set(by, 'announcement', false)),
  locked: silently((group, by) => group.set(by, 'locked', true)),
  unlocked: silently((group, by) => group.set(by, 'locked', false)),
  ephemeral: silently((group, by, change) => {
    group.ephemeral = Number(change.attrs['expiration'] ?? 0);
    group.announce(by, node('ephemeral', change.attrs));
  }),
  not_ephemeral: silently((group, by) => {
    group.ephemeral = 0;
    group.announce(by, node('not_ephemeral'));
  }),
  member_add_mode: silently((group, by, change) => {
    const mode = bytesOf(change) ?? Buffer.alloc(0);
    group.everyoneAdds = mode.toString() === 'all_member_add';
    group.announce(by, node('member_add_mode', {}, mode));
  }),
  membership_approval_mode: silently((group, by, change) => {
    group.set(by, 'membership_approval_mode', childOf(change, 'group_join')?.attrs['state'] === 'on');
  }),
  invite: (group, by) => [node('invite', { code: group.invite(by) })],
  membership_requests_action: (_group, _by, change) => [node(change.tag, {}, childrenOf(change))],
  revoke: () => [],
};

/** Namespace `w:g2`: questions about groups, and changes to them. */
export function onGroups(_world: World, connection: Client, stanza: BinaryNode, { groups }: Directory): void {
  const by = connection.device?.person.number;
  const [child] = childrenOf(stanza);
  if (!by || !child) return void connection.send(refusal(stanza, 400, 'bad-request'));
  const { to = '', type } = stanza.attrs;
  const answer = isGroupServer(to) ? directory(groups, by, child, type) : ofGroup(groups, to, by, child, type);
  connection.send(answer ? result(stanza, answer) : refusal(stanza, 404, 'item-not-found'));
}

/** Clients write the server of groups as an empty user or as a plain domain. */
const isGroupServer = (to: string): boolean => to === '@g.us' || to === 'g.us';

/** What is asked of the server rather than of one group. */
function directory(groups: Groups, by: string, child: BinaryNode, type = 'get'): BinaryNode[] | undefined {
  const mine = groups.list().filter((group) => group.members.has(by));
  if (child.tag === 'participating')
    return [
      node(
        'groups',
        {},
        mine.map((group) => group.describeNode()),
      ),
    ];
  if (child.tag === 'create') {
    const options = { subject: child.attrs['subject'] ?? '', owner: by, participants: numbersIn(child) };
    return [groups.create(options, child.attrs['key']).describeNode()];
  }
  if (child.tag === 'leave') {
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
  const invited = groups.list().find((group) => group.inviteCode === child.attrs['code']);
  if (child.tag !== 'invite' || !invited) return undefined;
  if (type === 'get') return [invited.describeNode()];
  invited.add(by, [by]);
  return [node('group', { jid: invited.jid })];
}

function ofGroup(groups: Groups, jid: string, by: string, child: BinaryNode, type = 'get'): BinaryNode[] | undefined {
  const group = groups.get(jid);
  if (!group?.members.has(by)) return undefined;
  if (child.tag === 'query') return [group.describeNode()];
  if (type === 'get' && child.tag === 'invite') return [node('invite', { code: group.inviteCode })];
  if (type === 'get' && child.tag === 'membership_approval_requests') return [node(child.tag, {}, [])];
  return changes[child.tag]?.(group, by, child);
}
