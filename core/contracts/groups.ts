import type { GroupParticipant } from './group-events.ts';
import type { Identity } from './message.ts';
import type { ValueOf } from './schema.ts';

type Person = ValueOf<typeof Identity>;

/** A group as the engine describes it, people by WhatsApp's own addresses: what WAHA's answers hold. */
export interface RawGroup {
  readonly id: string;
  readonly subject: string;
  readonly participants: readonly object[];
}

/** Which groups of the account, and in what order. */
export interface GroupListQuery {
  readonly limit?: number;
  readonly offset?: number;
  readonly sortBy?: 'id' | 'subject';
  readonly sortOrder?: 'asc' | 'desc';
  /** Without the lists of members. */
  readonly withoutParticipants?: boolean;
}

/** An invitation for one person whose privacy does not let them be added. It can be sent to them. */
export interface GroupInvitation {
  readonly code: string;
  /** Seconds since the epoch. */
  readonly expiration: number;
}

/** What became of one person of a request. */
export interface ParticipantResult extends Person {
  /** `200`, or why not: 403 privacy, 404 not on WhatsApp or not in the group, 408 left lately, 409 in it already, 417, 419 full. */
  readonly status: string;
  /** As WhatsApp writes them. */
  readonly jid: string;
  /** Says the status in words, when it is not 200. */
  readonly message?: string;
  readonly invitation?: GroupInvitation;
  /** The engine's own form of it. */
  readonly content: unknown;
}

/** A group that was made; `refused` did not become members. */
export type CreatedGroup = RawGroup & { readonly refused: readonly ParticipantResult[] };

/** Somebody who asks to be let in. */
export interface JoinRequest extends Person {
  readonly requestMethod: string | null;
  /** Seconds since the epoch. */
  readonly timestamp: number | null;
}

/** A switch of a group. `true` means: only admins change its info, only admins write, members add, admins approve, members share history. */
export type GroupSetting = 'restrict' | 'announce' | 'memberAddMode' | 'joinApprovalMode' | 'memberShareHistory';

/**
 * Groups of the account. Ids that are none reject with `BAD_REQUEST`, unknown groups with `NOT_FOUND`, what the account's role
 * does not allow with `FORBIDDEN`, too many questions with `TOO_MANY_REQUESTS`, what WhatsApp does not answer with `UNAVAILABLE`.
 */
export interface Groups {
  /** Rejects when WhatsApp makes no group; people who cannot be added are in the answer. */
  create(group: { readonly name: string; readonly participants: readonly string[] }): Promise<CreatedGroup>;
  list(query: GroupListQuery): Promise<readonly RawGroup[]>;
  count(): Promise<number>;
  /** Asks WhatsApp for all groups again. */
  refresh(): Promise<void>;
  get(id: string): Promise<RawGroup>;
  /** What an invitation, as its code or link, leads to. */
  invited(code: string): Promise<RawGroup>;
  /** `pending`: an admin has to let us in first. */
  join(code: string): Promise<{ readonly id: string; readonly pending: boolean }>;
  leave(id: string): Promise<void>;
  setSubject(id: string, subject: string): Promise<void>;
  /** An empty one takes it away. */
  setDescription(id: string, description: string): Promise<void>;
  setting(id: string, setting: GroupSetting): Promise<boolean>;
  change(id: string, setting: GroupSetting, on: boolean): Promise<void>;
  inviteCode(id: string): Promise<string>;
  /** Makes a new one; the old one is void. */
  revokeInviteCode(id: string): Promise<string>;
  /** Any image that can be read: it is cut square and made a JPEG. */
  setPicture(id: string, image: Uint8Array): Promise<void>;
  removePicture(id: string): Promise<void>;
  participants(id: string): Promise<readonly GroupParticipant[]>;
  changeParticipants(
    id: string,
    action: 'add' | 'remove' | 'promote' | 'demote',
    people: readonly string[],
  ): Promise<readonly ParticipantResult[]>;
  joinRequests(id: string): Promise<readonly JoinRequest[]>;
  answerJoinRequests(
    id: string,
    answer: 'approve' | 'reject',
    people: readonly string[],
  ): Promise<readonly ParticipantResult[]>;
}
