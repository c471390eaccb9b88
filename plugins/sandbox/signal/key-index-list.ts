import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { KeyPair } from '../wire/keys.ts';
import { Signer } from '../wire/signer.ts';

/** What an account's signature of its devices stands over, in front of the list itself. */
const LIST_PREFIX = Buffer.from([6, 2]);

/** The id that an account's phone gives all of its devices; it changes when the account registers anew. */
export const rawIdOf = (identity: KeyPair): number =>
  createHash('sha256').update(identity.public).digest().readUInt32BE(0) >>> 1;

/**
 * The devices of an account, signed by its phone: which of the numbers that it gave to devices are valid. Whoever writes to the
 * account can see by it that the server has made up none. `at` is in seconds.
 */
export function signedKeyIndexList(identity: KeyPair, indexes: readonly number[], at: number): Uint8Array {
  const details = proto.ADVKeyIndexList.encode({
    rawId: rawIdOf(identity),
    timestamp: at,
    currentIndex: Math.max(0, ...indexes),
    validIndexes: [0, ...indexes],
    accountType: proto.ADVEncryptionType.E2EE,
  }).finish();
  const accountSignature = new Signer(identity.private).sign(Buffer.concat([LIST_PREFIX, details]));
  return proto.ADVSignedKeyIndexList.encode({ details, accountSignature }).finish();
}
