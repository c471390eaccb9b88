import { abandon } from '../delivery/delivery.ts';
import { disconnect } from '../wire/disconnects.ts';
import type { Device } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** Removes a linked device: it is told, its mailbox is dropped, its next login is refused. */
export function unlink(world: World, device: Device, by: 'phone' | 'client'): void {
  if (!device.person.devices.delete(device.id)) return;
  const connection = device.connection;
  device.connection = undefined;
  device.forget();
  if (connection?.open && by === 'phone') disconnect(connection, 401);
  abandon(world, device);
  world.events.emit('unlink', { phone: device.person.number, device: device.id, by });
}
