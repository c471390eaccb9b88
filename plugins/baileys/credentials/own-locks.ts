import type { AuthenticationCreds, SignalCreds } from '@whiskeysockets/baileys';

/**
 * Whether a transaction has Baileys' lock for itself: our own address, or a word that stands in while there is none. That of a
 * decryption is the address of whoever wrote. Only works with our own lock are known by their source text.
 */
export const isOwnLock = (creds: SignalCreds, lock: string): boolean => {
  const { me } = creds as SignalCreds & Pick<AuthenticationCreds, 'me'>;
  return lock === me?.id || !lock.includes('@');
};
