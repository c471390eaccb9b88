import type { BinaryNode } from '@whiskeysockets/baileys';
import { digitsOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { World } from '../world/world.ts';
import { participantsOf } from './description.ts';
import type { Group, MembershipRequest } from './group.ts';

/** How long an invitation for one person holds: three days. */
const INVITE_SECONDS = 3 * 24 * 60 * 60;

/** WhatsApp's codes for people who cannot be put into a group. */
export const groupRefusals = [403, 408, 417, 419] as const;
/** 403: their privacy. 408: left lately. 417: not in the community. 419: the group is full for them. */
export type GroupRefusal = (typeof groupRefusals)[number];

/** Why a number cannot be added; undefined when it can. */
export function verdictOn(world: World, group: Group, number: string): 404 | 409 | GroupRefusal | undefined {
  if (world.absent.has(number)) return 404;
  if (group.members.has(number)) return 409;
  if (group.members.size >= group.capacity) return 419;
  return world.groupRefusals.get(number);
}

/** An invitation for somebody whose privacy does not let them be added: WhatsApp's answer to whoever tried. */
export function personalInvite(world: World, group: Group, admin: string, number: string): BinaryNode {
  const invite = { code: world.newId(), expiration: world.seconds() + INVITE_SECONDS, admin };
  group.invites.set(number, invite);
  group.changed();
  return node('add_request', { code: invite.code, expiration: invite.expiration });
}

/** Somebody takes up an invitation of its own; false when it is void. */
export function acceptPersonalInvite(world: World, group: Group, number: string, code: string | undefined): boolean {
  const invite = group.invites.get(number);
  if (!invite || invite.code !== code || invite.expiration < world.seconds()) return false;
  group.add(number, [number], 'invite');
  return true;
}

/** Comes by the invitation: at once, or when an admin says so. */
export function joinByCode(world: World, group: Group, number: string): 'joined' | 'asked' {
  if (!group.switches.has('membership_approval_mode')) {
    group.add(number, [number], 'invite');
    return 'joined';
  }
  ask(world, group, [number], number, 'invite_link');
  return 'asked';
}

/** Notes requests, and tells the admins. */
export function ask(
  world: World,
  group: Group,
  numbers: readonly string[],
  by: string,
  method: MembershipRequest['method'],
): void {
  const asking = numbers.map(digitsOf);
  for (const number of asking) group.requests.set(number, { method, at: world.seconds() });
  const users = participantsOf(group, asking).map((one) => ({ ...one, tag: 'requested_user' }));
  group.announce(by, node('created_membership_requests', { request_method: method }, users), admins(group));
}

/** Takes requests back: an admin's no, or the change of mind of whoever asked. */
export function turnAway(group: Group, by: string, numbers: readonly string[]): void {
  const gone = numbers.map(digitsOf).filter((number) => group.requests.delete(number));
  if (gone.length === 0) return;
  group.announce(by, node('revoked_membership_requests', {}, participantsOf(group, gone)), admins(group));
}

const admins = (group: Group) => group.people().filter(({ number }) => group.isAdmin(number));
