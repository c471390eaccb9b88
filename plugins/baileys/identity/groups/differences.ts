import { type GroupChange, isSame, type MembersAction } from './changes.ts';
import type { GroupDescription, GroupFacts, GroupHead, Member } from './description.ts';

/** What happened to a group while nobody told us. */
export interface GroupDifference {
  readonly group: string;
  readonly changes: readonly GroupChange[];
}

const factNames: readonly (keyof GroupFacts)[] = [
  ...(['subject', 'desc', 'announce', 'restrict', 'memberAddMode', 'joinApprovalMode'] as const),
  ...(['memberShareHistory', 'ephemeralDuration', 'suspended', 'linkedParent'] as const),
];

/** What of a group, besides its members, has to have changed for it to be as it is now. */
export const factsBetween = (before: GroupHead, now: GroupHead): GroupChange[] => {
  const changed = factNames.filter((name) => before[name] !== now[name]);
  const facts = Object.fromEntries(changed.map((name) => [name, now[name]])) as Partial<GroupFacts>;
  return changed.length > 0 ? [{ kind: 'facts', facts }] : [];
};

/** What has to have happened for a group to be as it is now. Of a list that leaves members out nothing is said of members. */
export const differencesOf = (before: GroupDescription, now: GroupDescription): GroupChange[] => [
  ...factsBetween(before, now),
  ...(now.participants.length < (now.size ?? 0) ? [] : membersBetween(before.participants, now.participants)),
];

const membersBetween = (before: readonly Member[], now: readonly Member[]): GroupChange[] => {
  const [were, are] = [byName(before), byName(now)];
  const wasAdmin = (one: Member): boolean => (found(were, one)?.admin ?? null) !== null;
  const actions: Readonly<Record<MembersAction, readonly Member[]>> = {
    remove: before.filter((one) => !found(are, one)),
    add: now.filter((one) => !found(were, one)),
    // Who came meanwhile may have become an admin, too.
    promote: now.filter((one) => one.admin !== null && !wasAdmin(one)),
    demote: now.filter((one) => one.admin === null && wasAdmin(one)),
  };
  return (Object.keys(actions) as MembersAction[]).flatMap((action): GroupChange[] => {
    const members = actions[action];
    return members.length > 0 ? [{ kind: 'members', action, members }] : [];
  });
};

const namesOf = ({ id, phoneNumber, lid }: Member): string[] => [id, phoneNumber, lid].flatMap((name) => name ?? []);

const byName = (members: readonly Member[]): ReadonlyMap<string, Member> =>
  new Map(members.flatMap((one) => namesOf(one).map((name) => [name, one] as const)));

const found = (members: ReadonlyMap<string, Member>, one: Member): Member | undefined =>
  namesOf(one)
    .map((name) => members.get(name))
    .find((member) => member !== undefined);

/** What is known of a group; of some not who is in it. */
export type KeptGroup = GroupHead & { readonly participants?: readonly Member[] };

/** Whether a group is as this change makes it: WhatsApp tells of it after it was seen in a list. */
export const isAlreadySo = (group: KeptGroup | undefined, change: GroupChange): boolean => {
  if (change.kind === 'gone') return group === undefined;
  if (!group) return false;
  if (change.kind === 'create') return true;
  if (change.kind === 'facts')
    return (
      change.invite === undefined &&
      Object.entries(change.facts).every(([name, value]) => group[name as keyof GroupFacts] === value)
    );
  const { participants } = group;
  if (change.kind !== 'members' || !participants) return false;
  const { action, members } = change;
  return members.every((member) => {
    const known = participants.find((one) => isSame(one, member));
    if (action === 'remove') return !known;
    if (action === 'add') return known !== undefined;
    return known !== undefined && (known.admin !== null) === (action === 'promote');
  });
};
