import { notify } from '../delivery/notify.ts';
import { previewOf, randomPictureId } from '../files/preview.ts';
import { node } from '../wire/nodes.ts';
import type { World } from '../world/world.ts';
import type { Group } from './group.ts';

/** Sets the picture of a group, or takes it away; the linked devices of all members are told. */
export async function setGroupPicture(world: World, group: Group, by: string, full: Buffer | undefined): Promise<void> {
  group.picture = full && { id: randomPictureId(), full, preview: await previewOf(full) };
  group.changed();
  const attrs = { author: group.jidOf(by), jid: group.jid };
  const change = group.picture ? node('set', { ...attrs, id: group.picture.id }) : node('delete', attrs);
  for (const person of group.people())
    for (const device of person.devices.values()) notify(world, device, 'picture', [change], group.jid);
}
