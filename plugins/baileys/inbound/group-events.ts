import type { EventName, EventPayloads, MeInfo } from 'waha-runtime';
import type { GroupInfo, GroupV2ParticipantsEvent, GroupV2UpdateEvent } from 'waha-runtime/engine';
import type { GroupChange, GroupNotice, MembersAction } from '../identity/groups/changes.ts';
import type { GroupDescription, GroupFacts, Member } from '../identity/groups/description.ts';
import { participantOf, personOf } from '../identity/groups/people.ts';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { jsonSafe } from '../json-safe.ts';
import type { PersonIdentity } from '../messages/identity.ts';

/** An event that a change of a group makes. */
export type GroupEvent = {
  [N in Extract<EventName, `group.${string}`>]: { readonly event: N; readonly payload: EventPayloads[N] };
}[Extract<EventName, `group.${string}`>];

type Names = Pick<LidMappings, 'of'>;
type Common = Pick<GroupV2UpdateEvent, 'timestamp' | 'author'>;

const types = { add: 'join', remove: 'leave', promote: 'promote', demote: 'demote' } as const;
/** WAHA's role, which says `admin` for who is none any more, and the true one. */
const roles = {
  add: ['participant', 'participant'],
  remove: ['left', 'left'],
  promote: ['admin', 'admin'],
  demote: ['admin', 'participant'],
} as const satisfies Record<MembersAction, readonly string[]>;

export const inviteUrl = (code: string): string => `https://chat.whatsapp.com/${code}`;

/** Whether one of these is the account itself. */
export const includesMe = (people: readonly PersonIdentity[], me: MeInfo | null): boolean =>
  me !== null && people.some(({ id, lid, pn }) => [id, lid, pn].some((name) => name === me.id || name === me.lid));

/** What to tell about one change of a notification; nothing for what no event is made for. */
export const eventsOf = async (
  change: GroupChange,
  notice: Pick<GroupNotice, 'group' | 'timestamp' | 'author'>,
  names: Names,
  me: MeInfo | null,
): Promise<GroupEvent[]> => {
  const { group, timestamp, author } = notice;
  const common = { timestamp, ...(author ? { author: await personOf(author, names) } : {}) };
  switch (change.kind) {
    case 'create':
      return joined(change.group, common, names);
    case 'members':
      return membersEvents(change, group, common, names, me);
    case 'gone':
      return left(group, common, { id: group });
    case 'facts':
      return [update(group, common, changedFacts(change.facts, change.invite), { id: group, ...change.facts })];
    case 'picture':
      return [update(group, common, { picture: change.picture }, { id: group, picture: change.picture })];
    case 'renumbered': {
      const [from, to] = await Promise.all([personOf(change.from, names), personOf(change.to, names)]);
      return [update(group, common, { replaced: [{ from, to }] }, { id: group, from: change.from, to: change.to })];
    }
    case 'request':
      return Promise.all(change.people.map((person) => requestEvent(person, change, group, common, names)));
  }
};

/** A group in the form of WAHA's second generation of events. */
export const groupInfo = async (group: GroupDescription, names: Names): Promise<GroupInfo> => ({
  id: group.id,
  subject: group.subject,
  description: group.desc ?? '',
  membersCanAddNewMember: group.memberAddMode,
  membersCanSendMessages: group.announce,
  newMembersApprovalRequired: group.joinApprovalMode,
  participants: await Promise.all(group.participants.map((member) => participantOf(member, names))),
  announce: group.announce,
  restrict: group.restrict,
  membersCanShareHistory: group.memberShareHistory,
  ephemeralDuration: group.ephemeralDuration ?? 0,
  suspended: group.suspended,
  linkedParent: group.linkedParent ?? null,
});

export const joined = async (group: GroupDescription, common: Common, names: Names): Promise<GroupEvent[]> => {
  const _data = jsonSafe(group) as { id: string };
  return [
    { event: 'group.v2.join', payload: { ...common, group: await groupInfo(group, names), _data } },
    { event: 'group.join', payload: _data },
  ];
};

const left = (id: string, common: Common, _data: object): GroupEvent[] => [
  { event: 'group.v2.leave', payload: { ...common, group: { id }, _data } },
  { event: 'group.leave', payload: { id } },
];

const update = (
  id: string,
  common: Common,
  group: Omit<GroupV2UpdateEvent['group'], 'id'>,
  _data: object,
): GroupEvent => ({
  event: 'group.v2.update',
  payload: { ...common, group: { id, ...group }, _data: jsonSafe(_data) },
});

const membersEvents = async (
  { action, members }: Extract<GroupChange, { kind: 'members' }>,
  group: string,
  common: Common,
  names: Names,
  me: MeInfo | null,
): Promise<GroupEvent[]> => {
  const people = await Promise.all(members.map((member) => personOf(member, names)));
  const [role, newRole] = roles[action];
  const _data = jsonSafe({ id: group, action, participants: members }) as object;
  const payload: GroupV2ParticipantsEvent = {
    ...common,
    type: types[action],
    group: { id: group },
    participants: people.map((person) => ({ ...person, role, newRole })),
    _data,
  };
  const told: GroupEvent = { event: 'group.v2.participants', payload };
  return action === 'remove' && includesMe(people, me) ? [told, ...left(group, common, _data)] : [told];
};

const requestEvent = async (
  person: Member,
  { action, method }: Extract<GroupChange, { kind: 'request' }>,
  group: string,
  common: Common,
  names: Names,
): Promise<GroupEvent> => {
  const requester = await personOf(person, names);
  return {
    event: 'group.v2.participants.join-request',
    payload: {
      ...common,
      ...{ group: { id: group }, action, requestMethod: method },
      ...{ requesterId: requester.id, requesterPn: requester.pn, requester },
      _data: jsonSafe({ id: group, action, method, participant: person }),
    },
  };
};

/** Only what changed, by WAHA's names and by ours. */
const changedFacts = (facts: Partial<GroupFacts>, invite: string | undefined) => {
  const { subject, announce, restrict, memberAddMode, joinApprovalMode, memberShareHistory, suspended } = facts;
  return {
    ...(subject === undefined ? {} : { subject }),
    ...('desc' in facts ? { description: facts.desc ?? '' } : {}),
    ...(announce === undefined ? {} : { membersCanSendMessages: announce, announce }),
    ...(restrict === undefined ? {} : { restrict }),
    ...(memberAddMode === undefined ? {} : { membersCanAddNewMember: memberAddMode }),
    ...(joinApprovalMode === undefined ? {} : { newMembersApprovalRequired: joinApprovalMode }),
    ...(memberShareHistory === undefined ? {} : { membersCanShareHistory: memberShareHistory }),
    ...('ephemeralDuration' in facts ? { ephemeralDuration: facts.ephemeralDuration ?? 0 } : {}),
    ...(suspended === undefined ? {} : { suspended }),
    ...('linkedParent' in facts ? { linkedParent: facts.linkedParent ?? null } : {}),
    ...(invite === undefined ? {} : { invite: inviteUrl(invite) }),
  };
};
