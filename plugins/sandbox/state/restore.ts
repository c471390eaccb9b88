import { decodeDecompressedBinaryNode } from '@whiskeysockets/baileys';
import * as tokens from '@whiskeysockets/baileys/lib/WABinary/constants.js';
import { SessionRecord } from 'libsignal';
import type { Parcel, SavedParcel } from '../delivery/mailbox.ts';
import type { Network } from '../network.ts';
import type { SavedAppState } from '../people/app-state.ts';
import type { ContactSettings } from '../people/contacts.ts';
import { Group, type SavedGroup } from '../people/groups.ts';
import type { SavedMessage } from '../people/inbox.ts';
import { Device, Person, type PreKey, type SavedDevice, type SavedPerson } from '../people/people.ts';
import type { SavedProfile } from '../people/profile.ts';
import type { SavedGroupKeys } from '../people/sender-keys.ts';
import { remakerOf } from '../people/sending.ts';
import { readValue, type StateRow } from './journal.ts';

/** Puts back one thing. `rest` is the id without the number in front. */
type Restore = (network: Network, row: StateRow, number: string, rest: string) => void;

/** What can be kept, in the order in which it is put back: later things stand on earlier ones. */
const kinds: Record<string, Restore> = {
  person: (network, row, number) => {
    const saved = readValue<SavedPerson>(row);
    const person = new Person(number, saved.name, network.journal);
    person.restore(saved);
    network.people.set(number, person);
  },
  profile: (network, row, number) => network.person(number).profile.restore(readValue<SavedProfile>(row)),
  phone: (network, row, number) => {
    network.phone(number).restriction = readValue<object>(row);
  },
  contact: (network, row, number) => network.contact(number).change(readValue<ContactSettings>(row)),
  absent: (network, _row, number) => void network.absent.add(number),
  media: (network, row) => {
    network.media.port = readValue<number>(row);
  },
  file: (network, row) => network.media.restore(row.id, readValue<Buffer>(row)),
  group: (network, row) => {
    const saved = readValue<SavedGroup>(row);
    const group = new Group(network, row.id, { ...saved, participants: [] });
    group.restore(saved);
    network.groups.set(group.jid, group);
  },
  device: restoreDevice,
  prekeys: (network, row) => void deviceOf(network, row.id)?.preKeys.push(...readValue<PreKey[]>(row)),
  session: (network, row, number, peer) => {
    // What `serialize` gives and `deserialize` takes is a plain object; their types say bytes.
    const record = SessionRecord.deserialize(readValue<Uint8Array>(row));
    network.person(number).sessions.set(peer, record);
  },
  'sender-keys': (network, row, number, group) => {
    network.person(number).senderKeys.restore(group, readValue<SavedGroupKeys>(row));
  },
  'app-state': (network, row, number) => network.phone(number).appState.restore(readValue<SavedAppState>(row)),
};

/** Rebuilds the people, devices, sessions, groups and mailboxes that were kept. Rows of an unknown kind are left alone. */
export function restore(network: Network, rows: readonly StateRow[]): void {
  for (const kind of Object.keys(kinds)) {
    for (const row of rows) if (row.kind === kind) kinds[kind]?.(network, row, ...partsOf(row.id));
  }
  const inboxes = grouped<SavedMessage>(rows, 'inbox');
  const own = grouped<SavedMessage>(rows, 'own-message');
  for (const number of new Set([...inboxes.keys(), ...own.keys()])) {
    network.contact(number).restore(inboxes.get(number) ?? [], own.get(number) ?? []);
  }
  for (const [peer, parcels] of grouped<SavedParcel>(rows, 'parcel')) {
    const device = deviceOf(network, peer);
    device?.mailbox.restore(parcels.map((saved) => parcelOf(network, saved, device)));
  }
}

function restoreDevice(network: Network, row: StateRow): void {
  const saved = readValue<SavedDevice>(row);
  const person = network.person(saved.number);
  const device = new Device(person, saved.id, saved.keys, saved.props, saved.linkedAt);
  device.signedPreKey = saved.signedPreKey;
  device.logins = saved.logins;
  device.welcomed = saved.greeted;
  device.greeted = saved.greeted;
  person.devices.set(device.id, device);
}

function parcelOf(network: Network, saved: SavedParcel, device: Device): Parcel {
  const { key, seq, stanza, delivery, draft } = saved;
  if (delivery) network.deliveries.push(delivery);
  return {
    key,
    // The flag byte in front says whether the rest is deflated; it never is.
    node: decodeDecompressedBinaryNode(Buffer.from(stanza).subarray(1), tokens),
    ...(seq === undefined ? {} : { seq }),
    ...(delivery ? { delivery } : {}),
    ...(draft ? { draft: () => draft, remake: remakerOf(network, draft, device) } : {}),
  };
}

function deviceOf(network: Network, peer: string): Device | undefined {
  const [number = '', device] = peer.split(':');
  return network.people.get(number)?.devices.get(Number(device));
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
