import { describe, expect, it } from 'vitest';
import { isSealed, packBundle, unpackBundle } from '../../../core/stores/bundle.ts';

const bundle = { name: 'support', config: { metadata: { a: 'b' } }, account: { creds: {}, keys: {} } };

describe('an exported session', () => {
  it('comes back as it was, and says that it is encrypted when it is', async () => {
    const open = await packBundle(bundle);
    const sealed = await packBundle(bundle, 'correct horse');
    expect([isSealed(open), isSealed(sealed)]).toEqual([false, true]);
    expect(await unpackBundle(open)).toEqual(bundle);
    expect(await unpackBundle(sealed, 'correct horse')).toEqual(bundle);
  });

  it('tells a wrong passphrase, a missing one, and a changed byte anywhere', async () => {
    const sealed = await packBundle(bundle, 'correct horse');
    await expect(unpackBundle(sealed)).rejects.toThrow('its passphrase is needed');
    await expect(unpackBundle(sealed, 'wrong horse')).rejects.toThrow('the passphrase is wrong');
    for (const at of [6, 25, 40, sealed.length - 1]) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(unpackBundle(changed, 'correct horse')).rejects.toThrow('or the export was changed');
    }
    await expect(unpackBundle(sealed.subarray(0, 20), 'correct horse')).rejects.toThrow('cut off');
  });

  it.each([
    ['{"format":"other"}', 'not waha-session'],
    ['{"format":"waha-session","version":2}', 'newer version'],
    ['{"format":"waha-session","version":1,"desired":"maybe"}', "'desired' must be"],
    ['no json', 'not valid JSON'],
    ['null', 'not waha-session'],
  ])('refuses what is none: %s', async (text, message) => {
    await expect(unpackBundle(Buffer.from(text))).rejects.toThrow(message);
  });
});
