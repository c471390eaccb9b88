import type { BinaryNode } from '@whiskeysockets/baileys';
import { ask, personalInvite, turnAway, verdictOn } from '../groups/admission.ts';
import type { Groups } from '../groups/groups.ts';
import { parseJid } from '../wire/jids.ts';
import { childrenOf, node } from '../wire/nodes.ts';
import type { World } from '../world/world.ts';
import { type GroupQuery, Refused } from './group-rights.ts';

export const numberIn = ({ attrs }: BinaryNode): string | undefined => parseJid(attrs['jid'])?.number;

export function refuseUnless(allowed: boolean, code: number, text: string): void {
  if (!allowed) throw new Refused(code, text);
}

/** One person's part of an answer: under the name that was asked for, with the other one; without an error all is well. */
function answerFor(world: World, { attrs }: BinaryNode, error?: number, content: BinaryNode[] = []): BinaryNode {
  const { jid } = attrs;
  const address = parseJid(jid);
  const alt = address && world.namesOf(address.number, address.kind).other;
  const names = { jid, [address?.kind === 'lid' ? 'phone_number' : 'lid']: alt };
  return node('participant', { ...names, error }, content);
}

/** Puts those in that may be put in, and answers for each. */
function add({ world, group, by, change }: GroupQuery): BinaryNode[] {
  const asked = childrenOf(change, 'participant').map((one) => ({ one, number: numberIn(one) }));
  const verdicts = asked.map(({ one, number }) => ({
    one,
    number,
    error: number === undefined ? 404 : verdictOn(world, group, number),
  }));
  const welcome = verdicts.flatMap(({ number, error }) => (number && !error ? [number] : []));
  const waits = group.switches.has('membership_approval_mode') && !group.isAdmin(by);
  if (waits && welcome.length > 0) ask(world, group, welcome, by, 'non_admin_add');
  else group.add(by, welcome);
  const answers = verdicts.map(({ one, number, error }) => {
    if (error === 403 && number) return answerFor(world, one, 403, [personalInvite(world, group, by, number)]);
    return answerFor(world, one, error);
  });
  return [node('add', {}, answers)];
}

/** Removing and ranking concern members only; nobody but itself can touch the one who made the group. */
const among =
  (act: 'remove' | 'promote' | 'demote') =>
  ({ world, group, by, change }: GroupQuery): BinaryNode[] => {
    const concerned: string[] = [];
    const answers = childrenOf(change, 'participant').map((one) => {
      const number = numberIn(one) ?? '';
      if (!group.members.has(number)) return answerFor(world, one, 404);
      if (group.members.get(number) === 'superadmin' && number !== by) return answerFor(world, one, 406);
      concerned.push(number);
      return answerFor(world, one);
    });
    group[act](by, concerned);
    return [node(act, {}, answers)];
  };

/** Adding and removing answer with the participants concerned, each with its own verdict. */
export const memberChanges = { add, remove: among('remove'), promote: among('promote'), demote: among('demote') };

/** Makes a group of those who may be put in; the answer names the others, too. */
export function createGroup(world: World, groups: Groups, owner: string, query: BinaryNode): BinaryNode {
  const { subject = '', key } = query.attrs;
  if (subject === '' || subject.length > 100) throw new Refused(406, 'not-acceptable');
  const asked = childrenOf(query, 'participant');
  const verdicts = asked.map((one) => {
    const number = numberIn(one);
    const isGone = number === undefined || world.absent.has(number);
    return { one, number, error: isGone ? 404 : world.groupRefusals.get(number) };
  });
  const participants = verdicts.flatMap(({ number, error }) => (number && !error ? [number] : []));
  const group = groups.create({ subject, owner, participants }, key);
  const refused = verdicts.flatMap(({ one, number, error }) => {
    if (!error) return [];
    const invite = error === 403 && number ? [personalInvite(world, group, owner, number)] : [];
    return [answerFor(world, one, error, invite)];
  });
  const described = group.describeNode();
  return { ...described, content: [...childrenOf(described), ...refused] };
}

/** Who asks to be let in. */
export function requestsOf({ group }: GroupQuery): BinaryNode {
  const requests = [...group.requests].map(([number, { method, at }]) => {
    const other = group.addressing === 'lid' ? 'phone_number' : 'lid';
    const names = { jid: group.jidOf(number), [other]: group.otherName(number) };
    return node('membership_approval_request', { ...names, request_method: method, request_time: at });
  });
  return node('membership_approval_requests', {}, requests);
}

/** Lets people in who asked, or turns them away, and answers for each. */
export function decideRequests({ world, group, by, change }: GroupQuery): BinaryNode[] {
  const actions = childrenOf(change).map((action) => {
    const numbers: string[] = [];
    const answers = childrenOf(action, 'participant').map((one) => {
      const number = numberIn(one) ?? '';
      if (!group.requests.has(number)) return answerFor(world, one, 404);
      numbers.push(number);
      return answerFor(world, one);
    });
    if (action.tag === 'approve') group.add(by, numbers);
    else turnAway(group, by, numbers);
    return node(action.tag, {}, answers);
  });
  return [node('membership_requests_action', {}, actions)];
}
