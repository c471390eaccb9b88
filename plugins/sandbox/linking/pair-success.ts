import { createHmac, randomBytes } from 'node:crypto';
import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { rawIdOf } from '../signal/key-index-list.ts';
import { disconnect } from '../wire/disconnects.ts';
import { lidJid, pnJid, SERVER } from '../wire/jids.ts';
import { isSignedBy, sign } from '../wire/keys.ts';
import { bytesOf, childOf, node } from '../wire/nodes.ts';
import type { Client, Person } from '../world/people.ts';
import type { AddressingWorld, World } from '../world/world.ts';
import type { Linkings, PendingLink } from './linkings.ts';

const ACCOUNT_PREFIX = Buffer.from([6, 0]);
const DEVICE_PREFIX = Buffer.from([6, 1]);
/** What the phone says of its own state: whether its chats are filed by hidden ids. */
const clientProps = (migrated: boolean): Uint8Array =>
  proto.ClientPairingProps.encode({
    isChatDbLidMigrated: migrated,
    isSyncdPureLidSession: migrated,
    isSyncdSnapshotRecoveryEnabled: true,
  }).finish();

/**
 * The phone's half of a linking: it signs the new device's identity with the account key and seals it with the secret
 * that only the QR code, or the pairing code, has told it (docs/protocol.md, "QR linking").
 */
export function pairSuccess(
  person: Person,
  deviceId: number,
  companionIdentity: Uint8Array,
  advSecret: Uint8Array,
  { now, addressing }: { now: number; addressing: AddressingWorld },
): { stanza: BinaryNode; details: Uint8Array } {
  const account = person.party.identity;
  const details = proto.ADVDeviceIdentity.encode({
    rawId: rawIdOf(account),
    timestamp: Math.floor(now / 1000),
    keyIndex: deviceId,
    accountType: proto.ADVEncryptionType.E2EE,
    deviceType: proto.ADVEncryptionType.E2EE,
  }).finish();
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: account.public,
    accountSignature: sign(account.private, Buffer.concat([ACCOUNT_PREFIX, details, companionIdentity])),
  }).finish();
  const hmac = createHmac('sha256', advSecret).update(signed).digest();
  const identity = proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish();
  const lid = addressing === 'none' ? undefined : lidJid(person.number, deviceId);
  const jids = { jid: pnJid(person.number, deviceId), lid };
  const attrs = {
    from: SERVER,
    type: 'set',
    id: randomBytes(8).toString('hex'),
    t: Math.floor(now / 1000),
    xmlns: 'md',
  };
  const content = [
    node('device-identity', {}, identity),
    node('platform', { name: 'android' }),
    node('device', jids),
    node('client-props', {}, clientProps(addressing === 'lid')),
  ];
  return { stanza: node('iq', attrs, [node('pair-success', {}, content)]), details };
}

/** Checks the client's `pair-device-sign`: its signature over the details and both identities. Throws what is wrong. */
function checkDeviceSignature(link: PendingLink, connection: Client, answer: BinaryNode): void {
  const identity = bytesOf(childOf(childOf(answer, 'pair-device-sign'), 'device-identity'));
  if (!identity) throw new Error('the client did not sign its device identity');
  const signed = proto.ADVSignedDeviceIdentity.decode(identity);
  const companion = connection.registration?.keys.identity ?? Buffer.alloc(0);
  const message = Buffer.concat([DEVICE_PREFIX, link.details, companion, link.device.person.party.identity.public]);
  if (!isSignedBy(companion, message, signed.deviceSignature ?? Buffer.alloc(0))) {
    throw new Error('the device signature of the client is not valid');
  }
}

/** The client has signed: the device exists from here on, and is told to reconnect (docs/protocol.md, "QR linking", step 8). */
export function completeLink(world: World, linkings: Linkings, connection: Client, answer: BinaryNode): void {
  const link = linkings.pending.get(connection);
  const { registration } = connection;
  if (!link || !registration || answer.attrs['id'] !== link.id) return;
  linkings.pending.delete(connection);
  try {
    checkDeviceSignature(link, connection, answer);
  } catch (error) {
    link.settle.reject(error as Error);
    disconnect(connection, 'close');
    return;
  }
  const { device } = link;
  const { number } = device.person;
  device.person.devices.set(device.id, device);
  connection.registration = undefined;
  world.stats.links += 1;
  world.events.emit('link', { phone: number, device: device.id, props: device.props });
  link.settle.resolve(device);
  if (!world.faults.strike('no-restart', { number, noiseKey: connection.noiseKey })) disconnect(connection, 515);
}

/** The client does not take what it was sent: a secret or a signature that does not fit, as it sees it. */
export function refuseLink(linkings: Linkings, connection: Client, answer: BinaryNode): void {
  if (linkings.pending.get(connection)?.id !== answer.attrs['id']) return;
  const { code = '', text = '' } = childOf(answer, 'error')?.attrs ?? {};
  linkings.giveUp(connection, new Error(`the client refused to be linked: ${code} ${text}`.trim()));
}
