import { randomBytes } from 'node:crypto';
import { aesEncryptGCM, type BinaryNode, hkdf, proto } from '@whiskeysockets/baileys';
import { post } from '../delivery/delivery.ts';
import { mediaIn } from '../files/attachments.ts';
import { childOf, node } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** So many files can be asked for again. */
const KEPT = 500;

interface Upload {
  readonly mediaKey: Uint8Array;
  readonly path: string;
}

/** The files of messages, as an account's phone has them: what the server forgot, the phone can upload again. */
export class Reuploads {
  readonly #uploads = new Map<string, Upload>();

  /** Notes the file of a message, if it has one. */
  note(id: string, message: proto.IMessage): void {
    const { directPath, mediaKey } = mediaIn(message)?.media ?? {};
    if (!directPath || !mediaKey) return;
    this.#uploads.set(id, { mediaKey, path: directPath });
    const [oldest] = this.#uploads.keys();
    if (this.#uploads.size > KEPT && oldest !== undefined) this.#uploads.delete(oldest);
  }

  /**
   * `<receipt type="server-error">`: a linked device asks its phone to upload a file again. The answer is a notification
   * `mediaretry`, encrypted with a key that follows from the file's.
   */
  answer(world: World, { device }: Client, stanza: BinaryNode): void {
    const id = stanza.attrs['id'] ?? '';
    if (!device || world.faults.strike('no-reupload', { number: device.person.number })) return;
    const upload = this.#uploads.get(id);
    const path = upload && world.media.again(upload.path);
    const rmr = childOf(stanza, 'rmr');
    const content = path ? sealed(id, upload.mediaKey, path) : node('error', { code: 2 });
    const attrs = { from: device.person.jid, type: 'mediaretry', id, t: world.seconds() };
    const answer = node('notification', attrs, [content, ...(rmr ? [rmr] : [])]);
    post(world, device, { key: `notification:${id}`, node: answer });
  }
}

const sealed = (id: string, mediaKey: Uint8Array, directPath: string): BinaryNode => {
  const { SUCCESS: result } = proto.MediaRetryNotification.ResultType;
  const plain = proto.MediaRetryNotification.encode({ stanzaId: id, directPath, result }).finish();
  const key = hkdf(Buffer.from(mediaKey), 32, { info: 'WhatsApp Media Retry Notification' });
  const iv = randomBytes(12);
  const encrypted = aesEncryptGCM(plain, key, iv, Buffer.from(id));
  return node('encrypt', {}, [
    { tag: 'enc_p', attrs: {}, content: encrypted },
    { tag: 'enc_iv', attrs: {}, content: iv },
  ]);
};
