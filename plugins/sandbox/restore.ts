import { decodeDecompressedBinaryNode } from '@whiskeysockets/baileys';
import * as tokens from '@whiskeysockets/baileys/lib/WABinary/constants.js';
import { SessionRecord } from 'libsignal';
import type { SavedAppState } from './app-state/app-state.ts';
import { remakerOf } from './delivery/sending.ts';
import type { Directory } from './directory.ts';
import type { SavedGroup } from './groups/group.ts';
import type { LinkingPolicy } from './linking/policy.ts';
import type { SavedMessage } from './messages/inbox.ts';
import type { SavedChannel } from './newsletters/channel.ts';
import type { ContactSettings } from './people/contact.ts';
import type { SavedStanding } from './people/standing.ts';
import type { SavedGroupKeys } from './signal/sender-keys.ts';
import { readValue, type StateRow } from './state/journal.ts';
import type { Parcel, SavedParcel } from './world/mailbox.ts';
import { Device, Person, type PreKey, type SavedDevice, type SavedPerson } from './world/people.ts';
import type { SavedProfile } from './world/profile.ts';
import type { World } from './world/world.ts';

/** Puts back one thing. `rest` is the id without the number in front. */
type Restore = (directory: Directory, row: StateRow, number: string, rest: string) => void;

/** What can be kept, in the order in which it is put back: later things stand on earlier ones. */
const kinds: Record<string, Restore> = {
  person: ({ world }, row, number) => {
    const saved = readValue<SavedPerson>(row);
    const person = new Person(number, saved.name, world.journal);
    person.restore(saved);
    world.people.set(number, person);
  },
  profile: ({ world }, row, number) => world.person(number).profile.restore(readValue<SavedProfile>(row)),
  phone: (directory, row, number) => {
    directory.phone(number).standing.restore(readValue<SavedStanding>(row));
  },
  linking: (directory, row, number) => {
    directory.phone(number).primary.policy = readValue<LinkingPolicy>(row);
  },
  secret: (directory, row, number, id) => directory.contact(number).writer.secrets.restore(id, readValue<Buffer>(row)),
  contact: (directory, row, number) => directory.contact(number).change(readValue<ContactSettings>(row)),
  absent: ({ world }, _row, number) => void world.absent.add(number),
  media: ({ world }, row) => {
    world.media.port = readValue<number>(row);
  },
  file: ({ world }, row) => world.media.restore(row.id, readValue<Buffer>(row)),
  channel: ({ channels }, row) => channels.restore(row.id, readValue<SavedChannel>(row)),
  'channel-notice': ({ channels }, _row, number) => void channels.accepted.add(number),
  group: ({ groups }, row) => groups.restore(row.id, readValue<SavedGroup>(row)),
  device: restoreDevice,
  prekeys: ({ world }, row) => void deviceOf(world, row.id)?.preKeys.push(...readValue<PreKey[]>(row)),
  session: ({ world }, row, number, peer) => {
    // What `serialize` gives and `deserialize` takes is a plain object; their types say bytes.
    const record = SessionRecord.deserialize(readValue<Uint8Array>(row));
    world.person(number).sessions.set(peer, record);
  },
  'sender-keys': ({ world }, row, number, group) => {
    world.person(number).senderKeys.restore(group, readValue<SavedGroupKeys>(row));
  },
  'app-state': (directory, row, number) => directory.phone(number).appState.restore(readValue<SavedAppState>(row)),
};

/** Rebuilds the people, devices, sessions, groups and mailboxes that were kept. Rows of an unknown kind are left alone. */
export function restore(directory: Directory, rows: readonly StateRow[]): void {
  for (const kind of Object.keys(kinds)) {
    for (const row of rows) if (row.kind === kind) kinds[kind]?.(directory, row, ...partsOf(row.id));
  }
  const { world } = directory;
  const inboxes = grouped<SavedMessage>(rows, 'inbox');
  const own = grouped<SavedMessage>(rows, 'own-message');
  for (const number of new Set([...inboxes.keys(), ...own.keys()])) {
    directory.contact(number).restore(inboxes.get(number) ?? [], own.get(number) ?? []);
  }
  for (const [peer, parcels] of grouped<SavedParcel>(rows, 'parcel')) {
    const device = deviceOf(world, peer);
    device?.mailbox.restore(parcels.map((saved) => parcelOf(world, saved, device)));
  }
}

function restoreDevice({ world }: Directory, row: StateRow): void {
  const saved = readValue<SavedDevice>(row);
  const person = world.person(saved.number);
  const device = new Device(person, saved.id, saved.keys, saved.props, saved.linkedAt);
  device.signedPreKey = saved.signedPreKey;
  device.logins = saved.logins;
  device.welcomed = saved.greeted;
  device.greeted = saved.greeted;
  person.devices.set(device.id, device);
}

function parcelOf(world: World, saved: SavedParcel, device: Device): Parcel {
  const { key, seq, stanza, delivery, draft } = saved;
  if (delivery) world.deliveries.push(delivery);
  return {
    key,
    // The flag byte in front says whether the rest is deflated; it never is.
    node: decodeDecompressedBinaryNode(Buffer.from(stanza).subarray(1), tokens),
    ...(seq === undefined ? {} : { seq }),
    ...(delivery ? { delivery } : {}),
    ...(draft ? { draft: () => draft, remake: remakerOf(world, draft, device) } : {}),
  };
}

function deviceOf(world: World, peer: string): Device | undefined {
  const [number = '', device] = peer.split(':');
  return world.people.get(number)?.devices.get(Number(device));
}

/** An id as `NUMBER REST`. */
function partsOf(id: string): [number: string, rest: string] {
  const [first = ''] = id.split(' ', 1);
  return [first, id.slice(first.length + 1)];
}

/** The values of a kind, by the first part of their ids. */
function grouped<T>(rows: readonly StateRow[], kind: string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    if (row.kind !== kind) continue;
    const [first] = partsOf(row.id);
    groups.set(first, [...(groups.get(first) ?? []), readValue<T>(row)]);
  }
  return groups;
}
