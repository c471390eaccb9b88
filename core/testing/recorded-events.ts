import { type EventName, eventNames } from '../contracts/event-names.ts';
import type { EventPayloads } from '../contracts/event-payloads.ts';
import type { WAMessage } from '../contracts/message.ts';
import type { MeInfo } from '../contracts/session.ts';

/** Who is logged in, in tests. */
export const recordedMe: MeInfo = {
  id: '5511999990001@c.us',
  lid: '1001@lid',
  jid: '5511999990001:1@s.whatsapp.net',
  pushName: 'Ana',
};

const chat = '5511988887777@c.us';
const group = '120363000000000001@g.us';
const at = 1_767_225_600;

const message: WAMessage = {
  id: `false_${chat}_3EB0C767D26A1B2C3D4E`,
  timestamp: at,
  from: chat,
  fromMe: false,
  source: 'app',
  to: recordedMe.id,
  body: 'Hi there!',
  hasMedia: false,
  media: null,
  ack: 1,
  ackName: 'SERVER',
  location: null,
  vCards: [],
  replyTo: null,
};

const ack = {
  id: `true_${chat}_3EB0F00DF00DF00DF00D`,
  from: chat,
  to: recordedMe.id,
  fromMe: true,
  ack: 3,
  ackName: 'READ',
} as const;

const call = {
  id: 'ABCDEFGABCDEFGABCDEFG',
  from: chat,
  timestamp: at,
  isVideo: false,
  isGroup: false,
  _data: {},
} as const;
const label = { id: '1', name: 'New customer', color: 0, colorHex: '#ff9485' } as const;
const groupChange = { group: { id: group, subject: 'Friends' }, timestamp: at * 1_000, _data: {} } as const;
const person = { id: chat, lid: null, pn: chat, username: null } as const;
const member = { ...person, role: 'participant' } as const;
const vote = {
  vote: {
    ...{ id: `false_${chat}_3EB0AAAA`, from: chat, fromMe: false, to: recordedMe.id },
    ...{ selectedOptions: ['Yes'], timestamp: at * 1_000 },
  },
  poll: { id: `true_${chat}_3EB0BBBB`, from: recordedMe.id, fromMe: true, to: chat },
} as const;

const known = {
  message,
  'message.any': message,
  'message.ack': ack,
  'message.ack.group': { ...ack, from: group, participant: chat },
  'message.reaction': { ...message, reaction: { text: '👍', messageId: ack.id } },
  'message.revoked': { revokedMessageId: '3EB0C767D26A1B2C3D4E', before: message, after: null },
  'message.edited': { ...message, body: 'Hi there, everybody!', editedMessageId: message.id },
  'message.pinned': { ...message, pinned: true, pinnedMessageId: message.id, expiresAt: at + 86_400 },
  'message.kept': { ...message, kept: true, keptMessageId: message.id },
  'message.waiting': { ...message, body: null },
  'session.status': {
    name: 'default',
    status: 'WORKING',
    statuses: [
      { status: 'STARTING', timestamp: at * 1_000 },
      { status: 'WORKING', timestamp: at * 1_000 + 900 },
    ],
    data: null,
  },
  'state.change': { connection: 'open' },
  'presence.update': {
    id: chat,
    presences: [{ participant: chat, lastKnownPresence: 'typing', lastSeen: null }],
  },
  'group.join': { ...groupChange.group },
  'group.leave': { id: group },
  'group.v2.join': {
    ...groupChange,
    group: {
      ...{ id: group, subject: 'Friends', description: '', participants: [member] },
      ...{ membersCanAddNewMember: false, membersCanSendMessages: false, newMembersApprovalRequired: false },
    },
  },
  'group.v2.leave': { ...groupChange, group: { id: group } },
  'group.v2.update': groupChange,
  'group.v2.participants': { ...groupChange, type: 'join', participants: [{ ...member, newRole: 'participant' }] },
  'group.v2.participants.join-request': {
    ...{ ...groupChange, action: 'created', requestMethod: 'invite_link' },
    ...{ requesterId: chat, requesterPn: chat, requester: person },
  },
  'call.received': call,
  'call.accepted': call,
  'call.rejected': call,
  'label.upsert': label,
  'label.deleted': label,
  'label.chat.added': { chatId: chat, labelId: '1', label },
  'label.chat.deleted': { chatId: chat, labelId: '1', label },
  'poll.vote': vote,
  'poll.vote.failed': vote,
  'chat.archive': { id: chat, archived: true, timestamp: at },
} satisfies Partial<EventPayloads>;

/** A payload of every event, as it was recorded: the ground that `emit` builds on. */
export const recordedEvents = {
  ...Object.fromEntries(eventNames.map((name: EventName) => [name, {}])),
  ...known,
} as unknown as EventPayloads;
