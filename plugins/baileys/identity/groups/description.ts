import {
  type BinaryNode,
  type GroupMetadata,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  getBinaryNodeChildString,
  isLidUser,
  isPnUser,
  jidNormalizedUser,
  WAMessageAddressingMode,
} from '@whiskeysockets/baileys';

/** Somebody in a group, as Baileys writes them: `id` is the name that the group knows them by. */
export interface Member {
  readonly id: string;
  readonly phoneNumber?: string;
  readonly lid?: string;
  readonly username?: string;
  readonly admin: 'admin' | 'superadmin' | null;
}

/** What can change about a group besides its members. */
export interface GroupFacts {
  readonly subject: string;
  readonly desc?: string | undefined;
  readonly descId?: string | undefined;
  /** Only admins may change its info. */
  readonly restrict: boolean;
  /** Only admins may write. */
  readonly announce: boolean;
  /** Members may add others. */
  readonly memberAddMode: boolean;
  /** An admin lets in who comes by the invitation. */
  readonly joinApprovalMode: boolean;
  /** Members may send past messages to new ones. */
  readonly memberShareHistory: boolean;
  /** Seconds; absent for ever. */
  readonly ephemeralDuration?: number | undefined;
  /** WhatsApp has closed it. */
  readonly suspended: boolean;
  /** The community that it belongs to. */
  readonly linkedParent?: string | undefined;
}

/** A group without its members: there may be a thousand of them. `size` is undefined while it is not known. */
export type GroupHead = Omit<GroupMetadata, keyof GroupFacts | 'participants' | 'size'> &
  GroupFacts & {
    readonly size?: number | undefined;
    /** WhatsApp gives a group another one whenever its members change (`p_v_id`). */
    readonly participantVersion?: string | undefined;
  };

/** A group as Baileys describes it, and what Baileys leaves out or gets wrong. Goes to Baileys as it is, when it sends. */
export type GroupDescription = GroupHead & { readonly participants: readonly Member[] };

export const headOf = ({ participants: _, ...head }: GroupDescription): GroupHead => head;

export const childrenOf = ({ content }: BinaryNode): BinaryNode[] => (Array.isArray(content) ? content : []);

/** Reads a `<participant>` node, or one of its kind. */
export const memberOf = ({ attrs }: BinaryNode): Member => {
  const { jid = '', phone_number: pn, lid, type } = attrs;
  const username = attrs['participant_username'] ?? attrs['username'];
  return {
    id: jidNormalizedUser(jid),
    ...(pn && isLidUser(jid) && isPnUser(pn) ? { phoneNumber: jidNormalizedUser(pn) } : {}),
    ...(lid && isPnUser(jid) && isLidUser(lid) ? { lid: jidNormalizedUser(lid) } : {}),
    ...(username ? { username } : {}),
    admin: type === 'admin' || type === 'superadmin' ? type : null,
  };
};

const normal = (jid: string | undefined): string | undefined => (jid ? jidNormalizedUser(jid) : undefined);
const has = (group: BinaryNode, tag: string): boolean => getBinaryNodeChild(group, tag) !== undefined;

/** Whether `<membership_approval_mode>` says on: it is there when it is off, too, which Baileys takes for on. */
export const approvalOf = (mode: BinaryNode | undefined): boolean =>
  mode !== undefined && getBinaryNodeChild(mode, 'group_join')?.attrs['state'] === 'on';

const factsOf = (group: BinaryNode): GroupFacts => {
  const description = getBinaryNodeChild(group, 'description');
  const expiration = Number(getBinaryNodeChild(group, 'ephemeral')?.attrs['expiration'] ?? 0);
  return {
    subject: group.attrs['subject'] ?? '',
    desc: description && getBinaryNodeChildString(description, 'body'),
    descId: description?.attrs['id'],
    restrict: has(group, 'locked'),
    announce: has(group, 'announcement'),
    memberAddMode: getBinaryNodeChildString(group, 'member_add_mode') === 'all_member_add',
    joinApprovalMode: approvalOf(getBinaryNodeChild(group, 'membership_approval_mode')),
    memberShareHistory: getBinaryNodeChildString(group, 'member_share_group_history_mode') === 'all_member_share',
    ephemeralDuration: expiration || undefined,
    suspended: has(group, 'suspended'),
    linkedParent: getBinaryNodeChild(group, 'linked_parent')?.attrs['jid'],
  };
};

/** Reads a `<group>` node; undefined when it has no id. Those whom WhatsApp refused (`error`) are no members. */
export const describe = (group: BinaryNode): GroupDescription | undefined => {
  const { attrs } = group;
  if (!attrs['id']) return undefined;
  const description = getBinaryNodeChild(group, 'description');
  const listed = getBinaryNodeChildren(group, 'participant');
  const participants = listed.filter(({ attrs: { error } }) => !error || error === '200').map(memberOf);
  return withoutBlanks({
    id: attrs['id'].includes('@') ? attrs['id'] : `${attrs['id']}@g.us`,
    addressingMode: attrs['addressing_mode'] === 'lid' ? WAMessageAddressingMode.LID : WAMessageAddressingMode.PN,
    ...factsOf(group),
    subjectOwner: attrs['s_o'],
    subjectOwnerPn: attrs['s_o_pn'],
    subjectTime: numberIn(attrs['s_t']),
    size: numberIn(attrs['size']) ?? (participants.length || undefined),
    participantVersion: attrs['p_v_id'],
    creation: numberIn(attrs['creation']),
    owner: normal(attrs['creator']),
    ownerPn: normal(attrs['creator_pn']),
    descOwner: normal(description?.attrs['participant']),
    descTime: numberIn(description?.attrs['t']),
    isCommunity: has(group, 'parent'),
    isCommunityAnnounce: has(group, 'default_sub_group'),
    participants,
  }) as unknown as GroupDescription;
};

const numberIn = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);

const withoutBlanks = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
