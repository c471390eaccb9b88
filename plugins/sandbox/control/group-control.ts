import { notFound, type RouteGroup, route, type Static, Type } from 'waha-runtime';
import type { Group } from '../groups/group.ts';
import type { Sandbox } from '../sandbox.ts';
import * as schemas from './schemas.ts';

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

  change(jid: string, { by, subject, description }: Static<typeof schemas.GroupTextBody>): GroupView {
    const group = this.#group(jid);
    if (subject !== undefined) group.rename(by, subject);
    if (description !== undefined) group.describe(by, description);
    return showGroup(group);
  }

  members(jid: string, { by, action, participants }: Static<typeof schemas.GroupMembersBody>): GroupView {
    const group = this.#group(jid);
    group[action](by, participants);
    return showGroup(group);
  }

  #group(jid: string): Group {
    const group = this.#sandbox.groups().find((one) => one.jid === jid);
    if (!group) throw notFound(`there is no group '${jid}'`);
    return group;
  }
}

type GroupView = Static<typeof schemas.GroupView>;

const showGroup = (group: Group): GroupView => ({
  jid: group.jid,
  subject: group.subject,
  owner: group.owner,
  addressing: group.addressing,
  inviteCode: group.inviteCode,
  members: Object.fromEntries(group.members),
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
    summary: 'Change subject or description as a member',
    params: schemas.GroupParams,
    body: schemas.GroupTextBody,
    responses: { 200: { description: 'The group.', schema: schemas.GroupView } },
    handle: ({ params, body }) => groups.change(params.group, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/groups/{group}/participants',
    summary: 'Add, remove, promote or demote as a member',
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
];
