import { named, Type } from 'waha-runtime';
import { phoneNumber } from './schemas.ts';

const numbers = Type.Array(phoneNumber('Somebody.'));
export const GroupBody = named(
  'SandboxGroupBody',
  Type.Object({
    subject: Type.String(),
    owner: phoneNumber('Who makes it.'),
    participants: numbers,
    addressing: Type.Optional(Type.Enum(['pn', 'lid'])),
  }),
);
export const GroupTextBody = named(
  'SandboxGroupText',
  Type.Object({
    by: phoneNumber('Who changes it.'),
    subject: Type.Optional(Type.String()),
    description: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'null takes it away.' })),
    switches: Type.Optional(
      Type.Partial(
        Type.Record(
          Type.Enum(['announcement', 'locked', 'membership_approval_mode', 'suspended', 'growth_locked']),
          Type.Boolean(),
        ),
        { additionalProperties: false },
      ),
    ),
    everyoneAdds: Type.Optional(Type.Boolean()),
    everyoneShares: Type.Optional(Type.Boolean({ description: 'Past messages, with new members.' })),
    ephemeral: Type.Optional(Type.Integer({ minimum: 0, description: 'Seconds; 0: messages stay.' })),
    parent: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'JID of its community.' })),
    capacity: Type.Optional(Type.Integer({ minimum: 1, description: 'Most members.' })),
    picture: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'Base64; null takes it away.' })),
    newInvite: Type.Optional(Type.Boolean({ description: 'Makes a new invitation; the old one is void.' })),
    together: Type.Optional(Type.Boolean({ description: 'Tells of all of it in one notification.' })),
  }),
);
export const GroupMembersBody = named(
  'SandboxGroupMembers',
  Type.Object({
    by: phoneNumber('Who changes it. Somebody who removes itself leaves.'),
    action: Type.Enum(['add', 'remove', 'promote', 'demote', 'join', 'reject', 'renumber', 'dissolve'], {
      description:
        '`join`: the participants come by the invitation, or ask to be let in. `reject`: requests end, by an admin or by whoever asked. `renumber`: `by` goes by the first participant’s number from now on. `dissolve`: the group ends.',
    }),
    participants: numbers,
  }),
);
export const GroupRefusalBody = named(
  'SandboxGroupRefusal',
  Type.Object({
    number: phoneNumber('Who cannot be put into groups.'),
    code: Type.Union([Type.Enum([403, 408, 417, 419]), Type.Null()], {
      description:
        '403 privacy (an invitation comes with it), 408 left lately, 417 community, 419 full; null: can be again.',
    }),
  }),
);
export const GroupView = named(
  'SandboxGroup',
  Type.Object({
    jid: Type.String(),
    subject: Type.String(),
    description: Type.Union([Type.String(), Type.Null()]),
    owner: Type.String(),
    addressing: Type.String(),
    inviteCode: Type.String(),
    switches: Type.Array(Type.String()),
    members: Type.Record(Type.String(), Type.String(), { description: 'Rank by number.' }),
    requests: Type.Array(Type.String(), { description: 'Numbers of those who ask to be let in.' }),
    invites: Type.Record(Type.String(), Type.String(), { description: 'Codes of personal invitations, by number.' }),
  }),
);
export const GroupParams = Type.Object({ group: Type.String({ examples: ['120363000000000001@g.us'] }) });
