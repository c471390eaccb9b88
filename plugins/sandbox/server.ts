import type { Socket } from 'node:net';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { WebSocket } from 'ws';
import { handOverAll } from './delivery/delivery.ts';
import { Directory } from './directory.ts';
import { tellOwnDevices } from './notifications/device-list.ts';
import { restore } from './restore.ts';
import { answer } from './stanzas/index.ts';
import { admit, continueBacklog } from './stanzas/login.ts';
import type { SandboxState } from './state/journal.ts';
import { Connection, type ConnectionOwner } from './wire/connection.ts';
import { concerns, type Fault } from './wire/faults.ts';
import type { ClientFinish } from './wire/noise.ts';
import type { Doors } from './wire/server.ts';
import type { Client, Device } from './world/people.ts';
import { World, type WorldOptions } from './world/world.ts';

/** Ties sockets to the world: lets clients in, hands their stanzas to whoever answers them, and clears up after them. */
export class Server implements ConnectionOwner<Device>, Doors {
  readonly world: World;
  readonly directory: Directory;

  constructor(options: WorldOptions) {
    this.world = new World(options);
    this.directory = new Directory(this.world);
    this.world.onFaultLifted = (fault) => this.#lift(fault);
    this.world.events.on('link', ({ phone, device }) => this.#devicesChanged(phone, device));
    this.world.events.on('unlink', ({ phone }) => this.#devicesChanged(phone));
  }

  get clock() {
    return this.world.clock;
  }

  get faults() {
    return this.world.faults;
  }

  /** Takes up the state that was kept, and keeps what changes from here on. */
  async open(state: SandboxState): Promise<void> {
    const rows = await state.load();
    const journal = this.world.keepIn(state, rows);
    restore(this.directory, rows);
    journal.start();
  }

  accept(socket: WebSocket, tcp: Socket): void {
    const connection: Client = new Connection<Device>(socket, tcp, this);
    this.world.connections.add(connection);
    socket.on('close', () => this.#closed(connection));
  }

  cutAll(): void {
    for (const connection of this.world.connections) connection.reset();
  }

  finished(connection: Client, finish: ClientFinish): void {
    const { connections, stats, mostSockets, events } = this.world;
    stats.handshakes += 1;
    const noiseKey = finish.noiseKey.toString('base64');
    const open = [...connections].filter((other) => other.open && other.noiseKey === noiseKey).length;
    mostSockets.set(noiseKey, Math.max(open, mostSockets.get(noiseKey) ?? 0));
    events.emit('handshake', { noiseKey });
    admit(this.world, connection, finish);
  }

  received(connection: Client, stanza: BinaryNode): void {
    answer(this.directory, connection, stanza);
  }

  broken(connection: Client | undefined, error: unknown): void {
    this.world.broken(connection, error);
  }

  /** The other devices of an account learn its new list of them. */
  #devicesChanged(phone: string, added?: number): void {
    if (this.faults.strike('untold-device', { number: phone })) return;
    const person = this.world.person(phone);
    tellOwnDevices(this.world, person, added === undefined ? undefined : person.devices.get(added));
  }

  #closed(connection: Client): void {
    this.world.connections.delete(connection);
    connection.active = false;
    const { device, noiseKey } = connection;
    if (device?.connection === connection) device.connection = undefined;
    this.directory.linkings.closed(connection);
    this.world.events.emit('closed', {
      ...(device ? { phone: device.number, device: device.id } : {}),
      ...(noiseKey ? { noiseKey } : {}),
    });
  }

  /** After a silence, what was not confirmed goes out again to those who held on. */
  #lift(fault: Fault): void {
    if (fault.kind !== 'silence') return;
    for (const connection of this.world.connections) {
      const { device, active } = connection;
      if (!device || !concerns(fault, connection)) continue;
      if (active) handOverAll(this.world, device);
      // What the client asked for meanwhile was not heard.
      else continueBacklog(this.world, connection, device, this.directory, Number.POSITIVE_INFINITY);
    }
  }
}
