import type { BinaryNode } from '@whiskeysockets/baileys';
import { notify } from '../delivery/notify.ts';
import { childOf, childrenOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

const audience = ['all', 'contacts', 'contact_blacklist', 'none'];

/** The settings and what they may be; the first one holds until something else is chosen. */
const settings: Readonly<Record<string, readonly string[]>> = {
  readreceipts: ['all', 'none'],
  last: audience,
  profile: audience,
  status: audience,
  online: ['all', 'match_last_seen'],
  groupadd: audience,
  calladd: ['all', 'known'],
  messages: ['all', 'contacts'],
};

/** Namespace `privacy`: who may see and do what, kept for each account; and tokens that accounts give, which nobody asks for. */
export function onPrivacy(world: World, connection: Client, stanza: BinaryNode): void {
  const { device } = connection;
  const privacy = childOf(stanza, 'privacy');
  if (!device || !privacy) return void connection.send(result(stanza));
  const { profile } = device.person;
  const chosen = childrenOf(privacy, 'category').map(({ attrs }) => ({
    name: attrs['name'] ?? '',
    value: attrs['value'] ?? '',
  }));
  if (stanza.attrs['type'] === 'set') {
    const isWrong = chosen.some(({ name, value }) => !settings[name]?.includes(value));
    if (isWrong || chosen.length === 0) return void connection.send(refusal(stanza, 400, 'bad-request'));
    for (const { name, value } of chosen) profile.restrict(name, value);
    const categories = chosen.map((one) => node('category', one));
    for (const other of device.person.devices.values()) {
      if (other !== device) notify(world, other, 'account_sync', [node('privacy', {}, categories)], device.person.jid);
    }
    return void connection.send(result(stanza, [node('privacy', {}, categories)]));
  }
  const categories = Object.entries(settings).map(([name, [usual]]) => {
    return node('category', { name, value: profile.privacy[name] ?? usual });
  });
  connection.send(result(stanza, [node('privacy', {}, categories)]));
}
