import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, jidNormalizedUser } from '@whiskeysockets/baileys';
import {
  approvalOf,
  childrenOf,
  describe,
  type GroupDescription,
  type GroupFacts,
  type Member,
  memberOf,
} from './description.ts';

export type MembersAction = 'add' | 'remove' | 'promote' | 'demote';

/** One thing that happened to a group. */
export type GroupChange =
  | { readonly kind: 'create'; readonly group: GroupDescription }
  | {
      readonly kind: 'members';
      readonly action: MembersAction;
      readonly members: readonly Member[];
      /** The group's `participantVersion` from then on. */
      readonly version?: string;
    }
  | { readonly kind: 'facts'; readonly facts: Partial<GroupFacts>; readonly invite?: string }
  | { readonly kind: 'picture'; readonly picture: 'changed' | 'removed' }
  | { readonly kind: 'renumbered'; readonly from: Member; readonly to: Member }
  | {
      readonly kind: 'request';
      readonly action: 'created' | 'rejected' | 'revoked';
      readonly people: readonly Member[];
      readonly method: string | null;
    }
  | { readonly kind: 'gone' };

/** What a notification says of itself besides its changes. */
export interface GroupNotice {
  readonly group: string;
  readonly id: string;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly author: Member | undefined;
  readonly changes: readonly GroupChange[];
  /** Tags that are not known here. */
  readonly unknown: readonly string[];
}

type Reader = (child: BinaryNode, author: Member | undefined) => GroupChange | undefined;

const facts =
  (change: Partial<GroupFacts>): Reader =>
  () => ({ kind: 'facts', facts: change });

const members =
  (action: MembersAction): Reader =>
  (child) => {
    const version = child.attrs['v_id'];
    const people = getBinaryNodeChildren(child, 'participant').map(memberOf);
    return { kind: 'members', action, members: people, ...(version ? { version } : {}) };
  };

const textIn = ({ content }: BinaryNode): string => {
  if (content === undefined || Array.isArray(content)) return '';
  return typeof content === 'string' ? content : Buffer.from(content).toString();
};

/** The kinds of changes, by the tag of a notification's child. Baileys reads the first child only, and not all of these. */
const readers: Record<string, Reader> = {
  create: (child) => {
    const group = getBinaryNodeChild(child, 'group');
    const described = group && describe(group);
    return described && { kind: 'create', group: described };
  },
  add: members('add'),
  remove: members('remove'),
  leave: members('remove'),
  promote: members('promote'),
  demote: members('demote'),
  modify: (child, author) => {
    const [to] = getBinaryNodeChildren(child, 'participant');
    return author && to ? { kind: 'renumbered', from: author, to: memberOf(to) } : undefined;
  },
  subject: ({ attrs }) => ({ kind: 'facts', facts: { subject: attrs['subject'] ?? '' } }),
  description: (child) => {
    const body = getBinaryNodeChild(child, 'body');
    const desc = body && textIn(body);
    return { kind: 'facts', facts: { desc, descId: desc === undefined ? undefined : child.attrs['id'] } };
  },
  announcement: facts({ announce: true }),
  not_announcement: facts({ announce: false }),
  locked: facts({ restrict: true }),
  unlocked: facts({ restrict: false }),
  suspended: facts({ suspended: true }),
  unsuspended: facts({ suspended: false }),
  ephemeral: ({ attrs }) => ({
    kind: 'facts',
    facts: { ephemeralDuration: Number(attrs['expiration'] ?? 0) || undefined },
  }),
  not_ephemeral: facts({ ephemeralDuration: undefined }),
  member_add_mode: (child) => ({ kind: 'facts', facts: { memberAddMode: textIn(child) === 'all_member_add' } }),
  member_share_group_history_mode: (child) => ({
    kind: 'facts',
    facts: { memberShareHistory: textIn(child) === 'all_member_share' },
  }),
  membership_approval_mode: (child) => ({ kind: 'facts', facts: { joinApprovalMode: approvalOf(child) } }),
  invite: ({ attrs }) => (attrs['code'] ? { kind: 'facts', facts: {}, invite: attrs['code'] } : undefined),
  link: (child) => linked(child, 'link_type', true),
  unlink: (child) => linked(child, 'unlink_type', false),
  delete: () => ({ kind: 'gone' }),
  membership_approval_request: (child, author) => author && request('created', [author], child),
  created_membership_requests: (child, author) => {
    const asking = getBinaryNodeChildren(child, 'requested_user').map(memberOf);
    const people = asking.length > 0 ? asking : author ? [author] : [];
    return request('created', people, child);
  },
  revoked_membership_requests: (child, author) => {
    const people = getBinaryNodeChildren(child, 'participant').map(memberOf);
    const [first] = people;
    return request(first && author && isSame(first, author) ? 'revoked' : 'rejected', people, child);
  },
};

const request = (
  action: 'created' | 'rejected' | 'revoked',
  people: readonly Member[],
  { attrs }: BinaryNode,
): GroupChange => ({ kind: 'request', action, people, method: attrs['request_method'] ?? null });

/** What a group is linked to: its community is a fact of its own, the community's other groups are not. */
const linked = (child: BinaryNode, typeName: string, on: boolean): GroupChange | undefined => {
  if (child.attrs[typeName] !== 'parent_group') return undefined;
  const parent = getBinaryNodeChild(child, 'group')?.attrs['jid'];
  return { kind: 'facts', facts: { linkedParent: on ? parent : undefined } };
};

export const isSame = (one: Member, other: Member): boolean => {
  const names = new Set([other.id, other.phoneNumber, other.lid].filter((name) => name !== undefined));
  return [one.id, one.phoneNumber, one.lid].some((name) => name !== undefined && names.has(name));
};

/** Known, and nothing that the roster or an event says. */
const silent = new Set(['growth_locked', 'growth_unlocked', 'revoke', 'no_frequently_forwarded']);

/** Reads a `w:gp2` notification, or one about the picture of a group: all of its children, in their order. */
export const readNotice = (stanza: BinaryNode): GroupNotice => {
  const { from = '', id = '', t, type } = stanza.attrs;
  const author = authorOf(stanza);
  const changes: GroupChange[] = [];
  const unknown: string[] = [];
  for (const child of childrenOf(stanza)) {
    const change = type === 'picture' ? pictureChange(child) : readers[child.tag]?.(child, author);
    if (change) changes.push(change);
    else if (type !== 'picture' && !readers[child.tag] && !silent.has(child.tag)) unknown.push(child.tag);
  }
  return { group: from, id, timestamp: Number(t ?? 0) * 1000 || Date.now(), author, changes, unknown };
};

const pictureChange = ({ tag }: BinaryNode): GroupChange | undefined => {
  if (tag !== 'set' && tag !== 'delete') return undefined;
  return { kind: 'picture', picture: tag === 'set' ? 'changed' : 'removed' };
};

const authorOf = (stanza: BinaryNode): Member | undefined => {
  const { participant, participant_pn: pn, participant_lid: lid, type } = stanza.attrs;
  const username = stanza.attrs['participant_username'];
  const jid = participant ?? (type === 'picture' ? childrenOf(stanza)[0]?.attrs['author'] : undefined);
  if (!jid) return undefined;
  return {
    id: jidNormalizedUser(jid),
    ...(pn ? { phoneNumber: jidNormalizedUser(pn) } : {}),
    ...(lid ? { lid: jidNormalizedUser(lid) } : {}),
    ...(username ? { username } : {}),
    admin: null,
  };
};
