import type { GroupChange } from './changes.ts';
import { isSame } from './changes.ts';
import type { GroupDescription, GroupHead, Member } from './description.ts';

/** A group whose members nobody asked for yet, after a change. How many there are then is not known. */
export const appliedToHead = (head: GroupHead, change: GroupChange): GroupHead => {
  if (change.kind === 'facts') return { ...head, ...change.facts };
  if (change.kind !== 'members') return head;
  return { ...head, size: undefined, participantVersion: change.version };
};

/** A group after a change. What is applied again makes no difference. */
export const applied = (group: GroupDescription, change: GroupChange): GroupDescription => {
  switch (change.kind) {
    case 'create':
      return merged(group, change.group);
    case 'facts':
      return { ...group, ...change.facts };
    case 'members': {
      const { version = group.participantVersion } = change;
      return { ...withMembers(group, membersAfter(group.participants, change)), participantVersion: version };
    }
    case 'renumbered': {
      const { from, to } = change;
      const old = group.participants.find((one) => isSame(one, from));
      if (!old) return group;
      const others = group.participants.filter((one) => one !== old && !isSame(one, to));
      return withMembers(group, [...others, { ...to, admin: old.admin }]);
    }
    default:
      return group;
  }
};

const withMembers = (group: GroupDescription, participants: readonly Member[]): GroupDescription => ({
  ...group,
  participants,
  size: participants.length,
});

const membersAfter = (
  before: readonly Member[],
  { action, members }: Extract<GroupChange, { kind: 'members' }>,
): Member[] => {
  const concerned = (one: Member) => members.some((member) => isSame(one, member));
  if (action === 'remove') return before.filter((one) => !concerned(one));
  if (action === 'add') {
    const added = members.filter((member) => !before.some((one) => isSame(one, member)));
    return [...before, ...added];
  }
  const admin = action === 'promote' ? 'admin' : null;
  return before.map((one) => (concerned(one) ? { ...one, admin } : one));
};

/**
 * What WhatsApp says now over what is known. Of large groups it may leave members out, and of members the other name: a
 * shallow list is no reason to forget them.
 */
export const merged = (known: GroupDescription | undefined, now: GroupDescription): GroupDescription => {
  if (!known) return now;
  const isShallow = now.participants.length < (now.size ?? 0);
  if (isShallow && known.participants.length > now.participants.length)
    return { ...now, participants: known.participants };
  const before = new Map(known.participants.map((one) => [one.id, one]));
  const participants = now.participants.map((one) => {
    const { phoneNumber, lid } = before.get(one.id) ?? {};
    return { ...(phoneNumber ? { phoneNumber } : {}), ...(lid ? { lid } : {}), ...one };
  });
  return { ...now, participants };
};
