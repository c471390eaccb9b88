import { type RouteGroup, route } from 'waha-runtime';
import type { Group } from '../groups/group.ts';
import type { Channel } from '../newsletters/channel.ts';
import type { Phone } from '../people/phone.ts';
import type { Sandbox } from '../sandbox.ts';
import { PhoneParams } from './schemas.ts';

const person = '11111111111';
const other = '22222222222';
const groupJid = '120363000000000001@g.us';
const otherGroupJid = '120363000000000002@g.us';
const channelJid = '123123123@newsletter';
const ownChannelJid = '321321321@newsletter';
const inviteCode = '1234567890abcdef';
const heard = '3EB0AAAAAAAAAAAAAAAAAA';
const own = '3EB0BBBBBBBBBBBBBBBBBB';
const call = 'ABCDEFGABCDEFGABCDEFGABCDEFG';
const label = { id: '1', name: 'New customer', color: 1 };

/** Makes what the examples of the API's document name, so that each of them can be sent as it stands. */
export class ExamplesControl {
  readonly #sandbox: Sandbox;
  readonly #phone: (number: string) => Phone;

  constructor(sandbox: Sandbox, phone: (number: string) => Phone) {
    this.#sandbox = sandbox;
    this.#phone = phone;
  }

  /** What was used up (left, deleted, answered) is there again. */
  async make(number: string): Promise<object> {
    const phone = this.#phone(number);
    const jane = this.#sandbox.contact(person, { name: 'Jane Doe' });
    await jane.send(phone.number, 'Hello! This is the message that the examples speak of.', { id: heard });
    await phone.write(person, 'The message of your own that the examples speak of', own);
    await phone.account.change({ addLabel: label });
    jane.call(phone.number, { id: call });
    this.#group(phone);
    this.#invitation(phone);
    this.#channel(channelJid, other).members.set(phone.number, 'SUBSCRIBER');
    this.#channel(ownChannelJid, phone.number);
    return { contact: person, messages: [heard, own], group: groupJid, channel: channelJid, inviteCode, call, label };
  }

  /** One that the account runs, with a member, and somebody who asks to be let in. */
  #group(phone: Phone): void {
    const group = this.#groupOf(groupJid, { subject: 'General', owner: phone.number, participants: [person] });
    group.add(group.owner, [phone.number, person]);
    group.promote(group.owner, [phone.number]);
    group.remove(group.owner, [other]);
    group.set(group.owner, 'membership_approval_mode', true);
    this.#sandbox.groupActs.join(group, other);
  }

  /** One of somebody else, which the account is invited to. */
  #invitation(phone: Phone): void {
    const group = this.#groupOf(otherGroupJid, { subject: 'Others', owner: other, participants: [], inviteCode });
    group.remove(other, [phone.number]);
  }

  #channel(jid: string, owner: string): Channel {
    const { channels } = this.#sandbox;
    const channel = channels.find(jid) ?? channels.create({ name: 'News', owner, jid });
    channel.deleted = false;
    if (channel.posts.length === 0) channel.post(owner, 'The first post');
    return channel;
  }

  #groupOf(jid: string, options: Parameters<Sandbox['group']>[0]): Group {
    return this.#sandbox.groups().find((one) => one.jid === jid) ?? this.#sandbox.group({ ...options, jid });
  }
}

/** Under `/api/sandbox/phones/{phone}/examples`. */
export const examplesRoutes = (examples: ExamplesControl): RouteGroup['routes'] => [
  route({
    method: 'POST',
    path: '/api/sandbox/phones/{phone}/examples',
    summary: 'Make what the examples of this document name: a contact, messages, a group, a channel, a call',
    description: 'Afterwards every example can be sent as it stands. Do it again for what was used up.',
    params: PhoneParams,
    handle: ({ params }) => examples.make(params.phone),
  }),
];
