import { type BinaryNode, toNumber } from '@whiskeysockets/baileys';
import { announceBacklog, endBacklog, sendBatch } from '../delivery/backlog.ts';
import type { Directory } from '../directory.ts';
import { disconnect, loginFailure } from '../wire/disconnects.ts';
import { childOf, node } from '../wire/nodes.ts';
import type { ClientFinish } from '../wire/noise.ts';
import { pairDevice, registrationOf } from '../wire/registration.ts';
import type { Client, Device } from '../world/people.ts';
import type { World } from '../world/world.ts';

const NOT_LINKED = 401;

/** Decides what a client gets after the handshake: QR references, a login or a refusal. */
export function admit(world: World, connection: Client, { noiseKey, payload }: ClientFinish): void {
  const registration = registrationOf(payload, noiseKey, world.options.refs);
  if (registration) {
    connection.registration = registration;
    world.stats.registrations += 1;
    world.events.emit('registration', { noiseKey: registration.keys.noiseKey, props: registration.props });
    connection.send(pairDevice(registration));
    return;
  }
  const number = String(toNumber(payload.username ?? 0));
  const id = payload.device ?? 0;
  const device = world.people.get(number)?.devices.get(id);
  const fault = world.faults.strike('refuse-login', { number, noiseKey: connection.noiseKey });
  if (fault) {
    refuse(world, connection, number, id, fault);
    return;
  }
  if (device?.keys.noiseKey !== connection.noiseKey) {
    refuse(world, connection, number, id, { reason: NOT_LINKED });
    return;
  }
  if (device) welcome(world, connection, device);
}

/** Why a login is refused; `expire` in seconds. */
interface Refusal {
  readonly reason: number;
  readonly expire?: number;
}

function refuse(world: World, connection: Client, phone: string, device: number, why: Refusal): void {
  const { reason, expire } = why;
  world.stats.refusedLogins += 1;
  world.events.emit('refused', { phone, device, reason });
  connection.end(loginFailure(reason, expire));
}

function welcome(world: World, connection: Client, device: Device): void {
  const previous = device.connection;
  device.connection = connection;
  connection.device = device;
  if (previous?.open) {
    disconnect(previous, 440);
    world.events.emit('replaced', { phone: device.person.number, device: device.id });
  }
  device.presence = null;
  device.backlog = undefined;
  device.logins += 1;
  device.changed();
  world.stats.logins += 1;
  connection.send(
    node('success', {
      t: world.seconds(),
      props: 0,
      companion_enc_static: '',
      lid: world.hasHiddenIds ? device.lid : undefined,
      abprops: 0,
      location: 'sandbox',
      creation: Math.floor(device.linkedAt / 1000),
      display_name: device.person.name,
    }),
  );
  world.events.emit('login', { phone: device.person.number, device: device.id, count: device.logins });
  const fault = world.faults.strike('disconnect-at-login', connection);
  if (fault) disconnect(connection, fault.how);
}

/** The client left passive mode: it is told what waits, and is live at once when nothing does. */
export function goLive(world: World, connection: Client, directory: Directory): void {
  const { device } = connection;
  if (!device || connection.active || device.connection !== connection) return;
  if (!announceBacklog(connection, device)) beLive(world, connection, device, directory);
}

/** `<ib>`: the client asks for a batch of what waits. */
export function onInfo(world: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  const { device } = connection;
  const count = Number(childOf(stanza, 'offline_batch')?.attrs['count'] ?? 0);
  if (device && count > 0) continueBacklog(world, connection, device, directory, count);
}

/** Sends so much of what waits; after the last of it the client is live. */
export function continueBacklog(
  world: World,
  connection: Client,
  device: Device,
  directory: Directory,
  count: number,
): void {
  if (device.connection !== connection) return;
  if (sendBatch(world, connection, device, count)) beLive(world, connection, device, directory);
}

function beLive(world: World, connection: Client, device: Device, directory: Directory): void {
  connection.send(endBacklog(connection, device));
  world.events.emit('online', { phone: device.number, device: device.id });
  if (device.welcomed) return;
  const greeted = directory.phone(device.number).greet(device);
  greeted.catch((error: unknown) => world.broken(connection, error));
}
