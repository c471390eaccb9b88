import { Identity } from './message.ts';
import { named, Type, type ValueOf } from './schema.ts';

const maybe = (description: string) => Type.Optional(Type.String({ description }));

/** Somebody in a group. `left` is in events only. */
export const GroupParticipant = named(
  'GroupParticipant',
  Type.Object({
    ...Identity.properties,
    role: Type.Enum(['left', 'participant', 'admin', 'superadmin'], { type: 'string' }),
  }),
);
export type GroupParticipant = ValueOf<typeof GroupParticipant>;

const setting = (description: string) => Type.Boolean({ description });

const facts = {
  subject: Type.String(),
  description: Type.String(),
  invite: maybe('URL of the invitation'),
  membersCanAddNewMember: setting('Whether members may add others, and not admins only'),
  membersCanSendMessages: setting('As WAHA has it: the same as `announce`, so true when only admins may write'),
  newMembersApprovalRequired: setting('Whether an admin has to let in who comes by the invitation'),
};

/** What WAHA has no field for, or one that says the opposite. */
const truths = {
  announce: setting('Whether only admins may write'),
  restrict: setting('Whether only admins may change subject, description and picture'),
  membersCanShareHistory: setting('Whether members may send past messages to new ones'),
  ephemeralDuration: Type.Number({ description: 'Seconds after which messages disappear; 0 for never' }),
  suspended: setting('Whether WhatsApp has closed the group'),
  linkedParent: Type.Union([Type.String(), Type.Null()], { description: 'The community that it belongs to' }),
};

/** A group in the form of WAHA's second generation of events. */
export const GroupInfo = named(
  'GroupInfo',
  Type.Object({
    id: Type.String({ examples: ['120363000000000001@g.us'] }),
    ...facts,
    participants: Type.Array(GroupParticipant),
    ...Type.Partial(Type.Object(truths)).properties,
  }),
);
export type GroupInfo = ValueOf<typeof GroupInfo>;

const GroupId = named('GroupId', Type.Object({ id: Type.String({ examples: ['120363000000000001@g.us'] }) }));

const common = {
  timestamp: Type.Number({ description: 'ms since the epoch' }),
  /** Who did it, when WhatsApp says so. */
  author: Type.Optional(Identity),
  _data: Type.Unknown(),
};

/** The account is in a group now: it made it, was added, or came by an invitation. */
export const GroupV2JoinEvent = named('GroupV2JoinEvent', Type.Object({ ...common, group: GroupInfo }));
export type GroupV2JoinEvent = ValueOf<typeof GroupV2JoinEvent>;

/** The account is not in the group any more. */
export const GroupV2LeaveEvent = named('GroupV2LeaveEvent', Type.Object({ ...common, group: GroupId }));
export type GroupV2LeaveEvent = ValueOf<typeof GroupV2LeaveEvent>;

/** Something about a group is different: only what changed is there. */
export const GroupV2UpdateEvent = named(
  'GroupV2UpdateEvent',
  Type.Object({
    ...common,
    group: Type.Object({
      id: Type.String({ examples: ['120363000000000001@g.us'] }),
      ...Type.Partial(Type.Object({ ...facts, ...truths })).properties,
      picture: Type.Optional(Type.Enum(['changed', 'removed'], { type: 'string' })),
      replaced: Type.Optional(
        Type.Array(Type.Object({ from: Identity, to: Identity }), {
          description: 'Members who go by another number or hidden id from now on',
        }),
      ),
    }),
  }),
);
export type GroupV2UpdateEvent = ValueOf<typeof GroupV2UpdateEvent>;

/** Others came, went, became admins or are no admins any more. */
export const GroupV2ParticipantsEvent = named(
  'GroupV2ParticipantsEvent',
  Type.Object({
    ...common,
    type: Type.Enum(['join', 'leave', 'promote', 'demote'], { type: 'string' }),
    group: GroupId,
    participants: Type.Array(
      Type.Object({
        ...GroupParticipant.properties,
        newRole: Type.Enum(['left', 'participant', 'admin', 'superadmin'], {
          type: 'string',
          description: 'What they are now. `role` says `admin` for a demotion, as in WAHA',
        }),
      }),
    ),
  }),
);
export type GroupV2ParticipantsEvent = ValueOf<typeof GroupV2ParticipantsEvent>;

/** Somebody asks to be let in, has been turned away, or does not ask any more. */
export const GroupJoinRequestEvent = named(
  'GroupV2ParticipantsJoinRequestEvent',
  Type.Object({
    ...common,
    group: GroupId,
    action: Type.Enum(['created', 'rejected', 'revoked'], { type: 'string' }),
    requesterId: Type.String(),
    requesterPn: Type.Union([Type.String(), Type.Null()]),
    requestMethod: Type.Union([Type.String(), Type.Null()], { examples: ['invite_link', 'non_admin_add'] }),
    requester: Identity,
  }),
);
export type GroupJoinRequestEvent = ValueOf<typeof GroupJoinRequestEvent>;

/** WAHA's older events, deprecated there: the group as the engine describes it, or its id. */
export const LegacyGroupEvent = Type.Record(Type.String(), Type.Unknown(), {
  description: 'The group as the engine describes it, or its id. The events of group.v2 say more',
});
