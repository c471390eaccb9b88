import { Identity, named, type RouteResponse, SessionName, Type } from 'waha-runtime';

const GroupIdText = Type.String({
  ...{ minLength: 1, maxLength: 200, description: 'A group: <id>@g.us', examples: ['120363000000000001@g.us'] },
});
export const GroupParams = Type.Object({ session: SessionName, id: GroupIdText });

const Participant = named(
  'Participant',
  Type.Object({ id: Type.String({ minLength: 1, maxLength: 100, examples: ['11111111111@c.us'] }) }),
);
const people = Type.Array(Participant, { maxItems: 1024 });

export const CreateGroupRequest = named(
  'CreateGroupRequest',
  Type.Object({ name: Type.String({ maxLength: 1000, examples: ['General'] }), participants: people }),
);
export const ParticipantsRequest = named('ParticipantsRequest', Type.Object({ participants: people }));
export const SubjectRequest = named(
  'SubjectRequest',
  Type.Object({ subject: Type.String({ maxLength: 1000, examples: ['General'] }) }),
);
export const DescriptionRequest = named(
  'DescriptionRequest',
  Type.Object({
    description: Type.String({
      maxLength: 10_000,
      description: 'An empty one takes it away',
      examples: ['What we talk about'],
    }),
  }),
);
export const JoinGroupRequest = named(
  'JoinGroupRequest',
  Type.Object({
    code: Type.String({
      ...{ minLength: 1, maxLength: 1000, description: 'The code of an invitation, or its link' },
      examples: ['https://chat.whatsapp.com/1234567890abcdef'],
    }),
  }),
);
export const JoinGroupResponse = named(
  'JoinGroupResponse',
  Type.Object({
    id: Type.String({ examples: ['120363000000000001@g.us'] }),
    pending: Type.Optional(Type.Boolean({ description: 'An admin has to let us in first' })),
  }),
);
export const SettingsSecurityChangeInfo = named(
  'SettingsSecurityChangeInfo',
  Type.Object({ adminsOnly: Type.Boolean({ default: true }) }),
);

/** A group as the engine describes it. */
export const RawGroupSchema = Type.Object(
  { id: Type.String(), subject: Type.String() },
  { additionalProperties: true, description: 'As the engine describes it, people by WhatsApp’s own addresses' },
);

export const ParticipantResultSchema = named(
  'GroupParticipantResult',
  Type.Object({
    status: Type.String({ description: '200, or WhatsApp’s code for why not', examples: ['200', '403'] }),
    jid: Type.String(),
    ...Identity.properties,
    message: Type.Optional(Type.String({ description: 'The status in words, when it is not 200' })),
    invitation: Type.Optional(
      Type.Object(
        { code: Type.String(), expiration: Type.Number({ description: 'seconds since the epoch' }) },
        { description: 'With 403: can be sent to the person as an invitation' },
      ),
    ),
    content: Type.Unknown(),
  }),
);

export const CreatedGroupSchema = Type.Object(
  {
    ...RawGroupSchema.properties,
    refused: Type.Array(ParticipantResultSchema, { description: 'Who did not become a member, and why' }),
  },
  { additionalProperties: true },
);

export const JoinRequestSchema = named(
  'GroupJoinRequest',
  Type.Object({
    ...Identity.properties,
    requestMethod: Type.Union([Type.String(), Type.Null()], { examples: ['invite_link', 'non_admin_add'] }),
    timestamp: Type.Union([Type.Number(), Type.Null()], { description: 'seconds since the epoch' }),
  }),
);

/** Everything about one group fails in these ways. */
export const groupFailures: Record<number, RouteResponse> = {
  400: { description: 'No id of a group, or a field that WhatsApp would not take' },
  403: { description: 'The account is not in the group, or only its admins may do that' },
  404: { description: 'There is no such session, or no such group' },
  422: { description: 'The session is not WORKING, its engine knows no groups, or WhatsApp refused' },
  429: { description: 'WhatsApp was asked too often' },
  503: { description: 'The connection closed during the call, or WhatsApp did not answer in time' },
};
