import { GroupParticipant, type GroupSetting, type Route, type Sessions, Type } from 'waha-runtime';
import { bareText, groupCall, nothing } from './call.ts';
import {
  DescriptionRequest,
  JoinRequestSchema,
  ParticipantResultSchema,
  ParticipantsRequest,
  RawGroupSchema,
  SettingsSecurityChangeInfo,
  SubjectRequest,
} from './schemas.ts';

/** A bare text, which goes out as express sends one. */
const invitation = {
  description: 'The code of the invitation',
  schema: Type.String(),
  content: { 'text/html': Type.String() },
};
const done = { description: 'What became of each person', schema: Type.Array(ParticipantResultSchema) };

/** A group and its texts. */
export const groupRoutes = (sessions: Sessions): Route[] => [
  groupCall(sessions, {
    ...{
      method: 'GET',
      path: '',
      summary: 'Get a group',
      answer: { description: 'The group', schema: RawGroupSchema },
    },
    run: (groups, id) => groups.get(id),
  }),
  groupCall(sessions, {
    ...{ method: 'POST', path: '/leave', summary: 'Leave a group', answer: nothing },
    run: (groups, id) => groups.leave(id),
  }),
  groupCall(sessions, {
    ...{ method: 'PUT', path: '/subject', summary: 'Set the name of a group', answer: nothing, body: SubjectRequest },
    run: (groups, id, { subject }) => groups.setSubject(id, subject),
  }),
  groupCall(sessions, {
    ...{ method: 'PUT', path: '/description', summary: 'Set the description of a group', answer: nothing },
    body: DescriptionRequest,
    run: (groups, id, { description }) => groups.setDescription(id, description),
  }),
  groupCall(sessions, {
    ...{ method: 'GET', path: '/invite-code', summary: 'Get the invitation to a group', answer: invitation },
    run: async (groups, id) => bareText(await groups.inviteCode(id)),
  }),
  groupCall(sessions, {
    ...{ method: 'POST', path: '/invite-code/revoke', summary: 'Make a new invitation', answer: invitation },
    run: async (groups, id) => bareText(await groups.revokeInviteCode(id)),
  }),
];

type Read = (on: boolean) => object;

interface Setting {
  readonly path: string;
  readonly setting: GroupSetting;
  readonly summary: string;
  readonly field: string;
  readonly schema: typeof SettingsSecurityChangeInfo;
}

const flagSchema = (field: string) => Type.Object({ [field]: Type.Boolean() }) as never;

const settings: readonly Setting[] = [
  {
    ...{ path: 'info-admin-only', setting: 'restrict', field: 'adminsOnly', schema: SettingsSecurityChangeInfo },
    summary: 'whether only admins may change subject, description and picture',
  },
  {
    ...{ path: 'messages-admin-only', setting: 'announce', field: 'adminsOnly', schema: SettingsSecurityChangeInfo },
    summary: 'whether only admins may write',
  },
  {
    ...{ path: 'member-add-mode', setting: 'memberAddMode', field: 'membersCanAddNewMember' },
    ...{ schema: flagSchema('membersCanAddNewMember'), summary: 'whether members may add others' },
  },
  {
    ...{ path: 'membership-approval', setting: 'joinApprovalMode', field: 'newMembersApprovalRequired' },
    schema: flagSchema('newMembersApprovalRequired'),
    summary: 'whether an admin lets in who comes by the invitation',
  },
  {
    ...{ path: 'member-share-history-mode', setting: 'memberShareHistory', field: 'membersCanShareHistory' },
    ...{ schema: flagSchema('membersCanShareHistory'), summary: 'whether members may send past messages to new ones' },
  },
];

/** The switches of a group. */
export const settingRoutes = (sessions: Sessions): Route[] =>
  settings.flatMap(({ path, setting, summary, field, schema }) => {
    const shown: Read = (on) => ({ [field]: on });
    const common = { path: `/settings/security/${path}` };
    return [
      groupCall(sessions, {
        ...{ ...common, method: 'GET', summary: `Get ${summary}`, answer: { description: 'The setting', schema } },
        run: async (groups, id) => shown(await groups.setting(id, setting)),
      }),
      groupCall(sessions, {
        ...{ ...common, method: 'PUT', summary: `Set ${summary}`, answer: nothing, body: schema },
        run: (groups, id, body) => groups.change(id, setting, (body as Record<string, unknown>)[field] === true),
      }),
    ];
  });

const acts = [
  ['/participants/add', 'add', 'Add participants'],
  ['/participants/remove', 'remove', 'Remove participants'],
  ['/admin/promote', 'promote', 'Make participants admins'],
  ['/admin/demote', 'demote', 'Make admins participants'],
] as const;

const answers = [
  ['approve', 'Let people in who asked'],
  ['reject', 'Turn people away who asked'],
] as const;

/** Who is in a group, and who wants to be. */
export const participantRoutes = (sessions: Sessions): Route[] => [
  groupCall(sessions, {
    ...{ method: 'GET', path: '/participants', summary: 'List the participants as the engine has them' },
    answer: { description: 'The participants', schema: Type.Array(Type.Object({}, { additionalProperties: true })) },
    run: async (groups, id) => (await groups.get(id)).participants,
  }),
  groupCall(sessions, {
    ...{ method: 'GET', path: '/participants/v2', summary: 'List the participants' },
    answer: { description: 'The participants', schema: Type.Array(GroupParticipant) },
    run: (groups, id) => groups.participants(id),
  }),
  ...acts.map(([path, action, summary]) =>
    groupCall(sessions, {
      ...{ method: 'POST', path, summary, answer: done, body: ParticipantsRequest },
      run: (groups, id, { participants }) => groups.changeParticipants(id, action, participants.map(idOf)),
    }),
  ),
  groupCall(sessions, {
    ...{ method: 'GET', path: '/participants/join-requests', summary: 'List who asks to be let in' },
    answer: { description: 'The requests', schema: Type.Array(JoinRequestSchema) },
    run: (groups, id) => groups.joinRequests(id),
  }),
  ...answers.map(([answer, summary]) =>
    groupCall(sessions, {
      ...{ method: 'POST', path: `/participants/join-requests/${answer}`, summary, answer: done },
      body: ParticipantsRequest,
      run: (groups, id, { participants }) => groups.answerJoinRequests(id, answer, participants.map(idOf)),
    }),
  ),
];

const idOf = ({ id }: { readonly id: string }): string => id;
