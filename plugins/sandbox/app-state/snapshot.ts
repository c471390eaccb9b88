import { proto } from '@whiskeysockets/baileys';
import { seal } from '../files/attachments.ts';
import type { MediaStore } from '../files/media-server.ts';

/**
 * What patches have come to, as one file: a device that begins from nothing gets it instead of all of them. Gives the
 * reference that the server hands out; undefined without patches. `owner` is the number of the account.
 */
export function snapshotOf(media: MediaStore, patches: readonly Uint8Array[], owner: string): Uint8Array | undefined {
  const records = new Map<string, proto.ISyncdRecord>();
  let last: proto.ISyncdPatch | undefined;
  for (const bytes of patches) {
    last = proto.SyncdPatch.decode(bytes);
    for (const { operation, record } of last.mutations ?? []) {
      const index = Buffer.from(record?.index?.blob ?? []).toString('base64');
      records.delete(index);
      if (record && operation !== proto.SyncdMutation.SyncdOperation.REMOVE) records.set(index, record);
    }
  }
  if (!last) return undefined;
  const { snapshotMac: mac, keyId } = last;
  const snapshot = { version: { version: patches.length }, records: [...records.values()], mac, keyId };
  const bytes = Buffer.from(proto.SyncdSnapshot.encode(proto.SyncdSnapshot.fromObject(snapshot)).finish());
  const { fileLength, ...stored } = seal(media, bytes, 'WhatsApp App State Keys', owner);
  return proto.ExternalBlobReference.encode({ ...stored, fileSizeBytes: fileLength }).finish();
}
