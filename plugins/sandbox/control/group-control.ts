import { notFound, type RouteGroup, route, type Static, Type } from 'waha-runtime';
import type { Group, GroupSwitch } from '../groups/group.ts';
import type { Sandbox } from '../sandbox.ts';
import * as schemas from './group-schemas.ts';

/** Groups, as the control API does them: plain functions that throw a 404 for a group that is not there. */
export class GroupControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  list(): GroupView[] {
    return this.#sandbox.groups().map(showGroup);
  }

  create({ subject, owner, participants, addressing }: Static<typeof schemas.GroupBody>): GroupView {
    const options = { subject, owner, participants };
    return showGroup(this.#sandbox.group(addressing === undefined ? options : { ...options, addressing }));
  }

  get(jid: string): GroupView {
    return showGroup(this.#group(jid));
  }

  /** A member changes it; whether it may is not asked. */
  async change(jid: string, body: Static<typeof schemas.GroupTextBody>): Promise<GroupView> {
    const group = this.#group(jid);
    if (body.capacity !== undefined) group.capacity = body.capacity;
    if (body.together) group.together(body.by, () => changeTexts(group, body));
    else changeTexts(group, body);
    if (body.picture !== undefined) {
      const picture = body.picture === null ? undefined : Buffer.from(body.picture, 'base64');
      await this.#sandbox.groupActs.setPicture(group, body.by, picture);
    }
    group.changed();
    return showGroup(group);
  }

  members(jid: string, { by, action, participants }: Static<typeof schemas.GroupMembersBody>): GroupView {
    const group = this.#group(jid);
    const acts = this.#sandbox.groupActs;
    const [first = by] = participants;
    if (action === 'join') for (const number of participants) acts.join(group, number);
    else if (action === 'reject') acts.turnAway(group, by, participants);
    else if (action === 'renumber') group.changeNumber(by, first);
    else if (action === 'dissolve') group.dissolve(by);
    else group[action](by, participants);
    return showGroup(group);
  }

  refuse({ number, code }: Static<typeof schemas.GroupRefusalBody>): void {
    this.#sandbox.groupActs.refuse(number, code ?? undefined);
  }

  #group(jid: string): Group {
    const group = this.#sandbox.groups().find((one) => one.jid === jid);
    if (!group) throw notFound(`there is no group '${jid}'`);
    return group;
  }
}

type GroupView = Static<typeof schemas.GroupView>;

const changeTexts = (group: Group, body: Static<typeof schemas.GroupTextBody>): void => {
  const { by, subject, description, switches = {}, everyoneAdds, everyoneShares, ephemeral, parent } = body;
  if (subject !== undefined) group.rename(by, subject);
  if (description !== undefined) group.describe(by, description ?? undefined);
  for (const [name, on] of Object.entries(switches as Record<string, boolean>)) group.set(by, name as GroupSwitch, on);
  if (everyoneAdds !== undefined) group.setMode(by, 'member_add_mode', everyoneAdds ? 'all_member_add' : 'admin_add');
  if (everyoneShares !== undefined)
    group.setMode(by, 'member_share_group_history_mode', everyoneShares ? 'all_member_share' : 'admin_share');
  if (ephemeral !== undefined) group.expire(by, ephemeral);
  if (parent !== undefined) group.link(by, parent ?? undefined);
  if (body.newInvite) group.invite(by);
};

const showGroup = (group: Group): GroupView => ({
  jid: group.jid,
  subject: group.subject,
  description: group.description?.text ?? null,
  owner: group.owner,
  addressing: group.addressing,
  inviteCode: group.inviteCode,
  switches: [...group.switches],
  members: Object.fromEntries(group.members),
  requests: [...group.requests.keys()],
  invites: Object.fromEntries([...group.invites].map(([number, { code }]) => [number, code])),
});

const allGroupRoutes = (groups: GroupControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/groups',
    summary: 'List groups',
    responses: { 200: { description: 'All groups.', schema: Type.Array(schemas.GroupView) } },
    handle: () => groups.list(),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/groups',
    summary: 'Make a group',
    description: 'The linked devices of its members are told. Contacts write to it with `to` set to its JID.',
    body: schemas.GroupBody,
    responses: { 201: { description: 'The group.', schema: schemas.GroupView } },
    handle: ({ body }) => groups.create(body),
  }),
];

const refusalRoute = (groups: GroupControl) =>
  route({
    method: 'POST',
    path: '/api/sandbox/group-refusals',
    summary: 'Say that somebody cannot be put into groups, and why',
    body: schemas.GroupRefusalBody,
    responses: { 201: { description: 'It holds from now on.' } },
    handle: ({ body }) => groups.refuse(body),
  });

const oneGroupRoutes = (groups: GroupControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/groups/{group}',
    summary: 'Get a group',
    params: schemas.GroupParams,
    responses: { 200: { description: 'The group.', schema: schemas.GroupView } },
    handle: ({ params }) => groups.get(params.group),
  }),
  route({
    method: 'PUT',
    path: '/api/sandbox/groups/{group}',
    summary: 'Change a group as a member',
    params: schemas.GroupParams,
    body: schemas.GroupTextBody,
    responses: { 200: { description: 'The group.', schema: schemas.GroupView } },
    handle: ({ params, body }) => groups.change(params.group, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/groups/{group}/participants',
    summary: 'Change who is in a group',
    params: schemas.GroupParams,
    body: schemas.GroupMembersBody,
    responses: { 201: { description: 'The group.', schema: schemas.GroupView } },
    handle: ({ params, body }) => groups.members(params.group, body),
  }),
];

/** Groups under `/api/sandbox/groups`. */
export const groupRoutes = (groups: GroupControl): RouteGroup['routes'] => [
  ...allGroupRoutes(groups),
  ...oneGroupRoutes(groups),
  refusalRoute(groups),
];
