/** Parts of messages that hold keys: of groups, and of the app state. */
const handedOver = new Set([
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
  'axolotlSenderKeyDistributionMessage',
  'appStateSyncKeyShare',
]);

/**
 * A copy that JSON can carry: bytes as base64, 64-bit numbers as numbers, protobuf messages by their own fields.
 * Enumerations stay numbers, as Baileys has them; the empty lists that every protobuf message begins with are left out, and
 * so are keys that others hand over for more than this one message.
 */
export const jsonSafe = (value: unknown, depth = 0): unknown => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || depth > 40) return undefined;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.toJSON();
  if (isLong(value)) return numberOf(value);
  if (Array.isArray(value)) return value.map((item) => jsonSafe(item, depth + 1) ?? null);
  return plainCopy(value as Readonly<Record<string, unknown>>, depth + 1);
};

const plainCopy = (value: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> => {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = handedOver.has(key) ? undefined : jsonSafe(value[key], depth);
    if (item === undefined || isEmptyList(item)) continue;
    // Assigned, it would be the copy's prototype.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: item, enumerable: true, writable: true });
    else copy[key] = item;
  }
  return copy;
};

interface Long {
  readonly low: number;
  readonly high: number;
  toNumber(): number;
}

const isLong = (value: object): value is Long =>
  'low' in value && 'high' in value && 'toNumber' in value && typeof value.toNumber === 'function';

/** A protobuf number, whatever its wire form. */
export const numberOf = (value: unknown): number => {
  if (typeof value === 'object' && value !== null && isLong(value)) return value.toNumber();
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? number : 0;
};

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
