import type { AuthenticationCreds } from '@whiskeysockets/baileys';
import type { OwnIdentity } from '../libsignal/stored-sessions.ts';

const known = new WeakMap<Uint8Array, OwnIdentity>();

/** Who these credentials are to Signal. */
export const ownIdentity = ({ signedIdentityKey, registrationId }: AuthenticationCreds): OwnIdentity => {
  const { public: bare } = signedIdentityKey;
  const before = known.get(bare);
  if (before?.registrationId === registrationId) return before;
  const publicKey = bare.length === 33 ? Buffer.from(bare) : Buffer.concat([Buffer.from([5]), bare]);
  const made = { publicKey, registrationId };
  known.set(bare, made);
  return made;
};
