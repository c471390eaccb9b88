/**
 * What libsignal 6 says on the console. Some of it comes with whole session records, private keys included, and none of
 * it is for the people who run this.
 */
const sayings = [
  'V1 session storage migration error: registrationId',
  'Migrating session to:',
  'Session already closed',
  'Closing session:',
  'Session already open',
  'Opening session:',
  'Removing old closed session:',
  'Closing open session in favor of incoming prekey bundle',
  'WARNING: Expected pubkey of length 33',
  'Unhandled bucket type (for naming):',
  'Failed to decrypt message with any known session...',
  'Session error:',
  'Decrypted message with closed session.',
];

const methods = ['info', 'warn', 'error'] as const;
const quieted = Symbol.for('waha:baileys:quiet');
type Say = (...args: unknown[]) => void;

/**
 * Silences libsignal on the console: only a call whose first argument is one of libsignal's own sentences, and that
 * comes from its files, is dropped. Everything else passes. Process-wide; returns the way back.
 */
export const quietLibsignal = (target: Console = console): (() => void) => {
  if (quieted in target) return () => undefined;
  Object.defineProperty(target, quieted, { value: true, configurable: true });
  const originals = methods.map((method) => [method, target[method] as Say] as const);
  const wrappers = originals.map(([method, say]) => {
    const wrapper: Say = (...args) => {
      if (!isSaying(args[0]) || !fromLibsignal()) say.apply(target, args);
    };
    target[method] = wrapper;
    return [method, say, wrapper] as const;
  });
  return () => {
    // Somebody who wrapped the console after us keeps us inside; only what is still ours is taken back.
    for (const [method, say, wrapper] of wrappers) if (target[method] === wrapper) target[method] = say;
    Reflect.deleteProperty(target, quieted);
  };
};

const isSaying = (first: unknown): boolean =>
  typeof first === 'string' && sayings.some((saying) => first.startsWith(saying));

const fromLibsignal = (): boolean => /node_modules[\\/]libsignal[\\/]/.test(new Error().stack ?? '');
