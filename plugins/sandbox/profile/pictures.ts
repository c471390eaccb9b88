import { notify } from '../delivery/notify.ts';
import { previewOf, randomPictureId } from '../files/preview.ts';
import { node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/**
 * Sets somebody's picture, or takes it away; everybody's linked devices are told, but for the one that did it. Without a
 * preview the picture is made small; one that is no image is its own preview.
 */
export async function setPicture(
  world: World,
  person: Person,
  bytes: { readonly full: Buffer; readonly preview?: Buffer } | undefined,
  by?: Device,
): Promise<void> {
  if (bytes)
    person.profile.show({ ...bytes, id: randomPictureId(), preview: bytes.preview ?? (await previewOf(bytes.full)) });
  else person.profile.show(undefined);
  const { picture } = person.profile;
  const attrs = { author: person.jid, jid: person.jid };
  const change = picture ? node('set', { ...attrs, id: picture.id }) : node('delete', attrs);
  for (const other of world.people.values()) {
    for (const device of other.devices.values())
      if (device !== by) notify(world, device, 'picture', [change], person.jid);
  }
}

/** Where one of the two sizes is served; undefined when there is none to show. */
export function pictureUrl(
  world: World,
  { picture }: { readonly picture: Person['profile']['picture'] },
  size: 'preview' | 'image',
): string | undefined {
  if (!picture) return undefined;
  const path = `/v/t61.24694-24/${picture.id}_${size}.jpg`;
  world.media.serve(path, size === 'image' ? picture.full : picture.preview);
  return world.media.urlOf(path);
}
