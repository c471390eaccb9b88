import type { BinaryNode } from '@whiskeysockets/baileys';
import { bigEndian, node } from './nodes.ts';

/** The public keys that start a Signal session with a device. Keys are raw, 32 bytes. */
export interface KeyBundle {
  readonly registrationId: number;
  readonly identity: Uint8Array;
  readonly signedPreKey: { readonly id: number; readonly value: Uint8Array; readonly signature: Uint8Array };
  /** Absent when the device's stock of one-time keys has run out. */
  readonly preKey?: { readonly id: number; readonly value: Uint8Array } | undefined;
}

/** The children that carry a bundle: `<registration/><type/><identity/><skey/>[<key/>]` (docs/protocol.md, "Messages"). */
export function bundleNodes(bundle: KeyBundle): BinaryNode[] {
  const { signedPreKey, preKey } = bundle;
  const content = [
    node('registration', {}, bigEndian(bundle.registrationId, 4)),
    node('type', {}, Buffer.from([5])),
    node('identity', {}, bundle.identity),
    node('skey', {}, [
      node('id', {}, bigEndian(signedPreKey.id, 3)),
      node('value', {}, signedPreKey.value),
      node('signature', {}, signedPreKey.signature),
    ]),
  ];
  if (!preKey) return content;
  return [...content, node('key', {}, [node('id', {}, bigEndian(preKey.id, 3)), node('value', {}, preKey.value)])];
}
