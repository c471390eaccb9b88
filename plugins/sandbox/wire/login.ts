import { toNumber } from '@whiskeysockets/baileys';
import { handOverAll } from '../delivery/delivery.ts';
import type { Network } from '../network.ts';
import type { Device } from '../people/people.ts';
import type { Connection } from './connection.ts';
import { disconnect, loginFailure } from './disconnects.ts';
import { SERVER } from './jids.ts';
import { node } from './nodes.ts';
import type { ClientFinish } from './noise.ts';
import { pairDevice, registrationOf } from './registration.ts';

const NOT_LINKED = 401;

/** Decides what a client gets after the handshake: QR references, a login or a refusal. */
export function admit(network: Network, connection: Connection, { noiseKey, payload }: ClientFinish): void {
  const registration = registrationOf(payload, noiseKey, network.options.refs);
  if (registration) {
    connection.registration = registration;
    network.stats.registrations += 1;
    network.events.emit('registration', { noiseKey: registration.keys.noiseKey, props: registration.props });
    connection.send(pairDevice(registration));
    return;
  }
  const number = String(toNumber(payload.username ?? 0));
  const id = payload.device ?? 0;
  const device = network.people.get(number)?.devices.get(id);
  const fault = network.faults.strike('refuse-login', { number, noiseKey: connection.noiseKey });
  if (fault) {
    refuse(network, connection, number, id, fault.reason);
    return;
  }
  if (device?.keys.noiseKey !== connection.noiseKey) {
    refuse(network, connection, number, id, NOT_LINKED);
    return;
  }
  if (device) welcome(network, connection, device);
}

function refuse(network: Network, connection: Connection, phone: string, device: number, reason: number): void {
  network.stats.refusedLogins += 1;
  network.events.emit('refused', { phone, device, reason });
  connection.end(loginFailure(reason));
}

function welcome(network: Network, connection: Connection, device: Device): void {
  const previous = device.connection;
  device.connection = connection;
  connection.device = device;
  if (previous?.open) {
    disconnect(previous, 440);
    network.events.emit('replaced', { phone: device.person.number, device: device.id });
  }
  device.presence = null;
  device.logins += 1;
  device.changed();
  network.stats.logins += 1;
  connection.send(
    node('success', {
      t: network.seconds(),
      props: 0,
      companion_enc_static: '',
      lid: device.lid,
      abprops: 0,
      location: 'sandbox',
    }),
  );
  network.events.emit('login', { phone: device.person.number, device: device.id, count: device.logins });
  const fault = network.faults.strike('disconnect-at-login', connection);
  if (fault) disconnect(connection, fault.how);
}

/** The client left passive mode: what waited goes out, then the notice that it was all (SANDBOX.md section 5). */
export function goLive(network: Network, connection: Connection): void {
  const { device } = connection;
  if (!device || connection.active || device.connection !== connection) return;
  const waited = handOverAll(network, device, true);
  connection.send(node('ib', { from: SERVER }, [node('offline', { count: waited })]));
  connection.active = true;
  network.events.emit('online', { phone: device.person.number, device: device.id });
  if (!device.welcomed) {
    const greeted = network.phone(device.person.number).greet(device);
    greeted.catch((error: unknown) => network.broken(connection, error));
  }
}
