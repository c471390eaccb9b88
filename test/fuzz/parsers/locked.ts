/** Has a fault behind three locks, each of which opens only once the one before is open: chance alone does not find the key. */
export const locked = (input: Buffer): void => {
  if (input[0] !== 0x3a) return;
  if (input[1] !== 0x5c) return;
  if (input[2] !== 0x22) return;
  throw new Error('the lock is open');
};
