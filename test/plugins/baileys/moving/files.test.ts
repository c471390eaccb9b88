import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyTypes } from '../../../../plugins/baileys/moving/account.ts';
import { fileOfKey, keyOfFile } from '../../../../plugins/baileys/moving/files.ts';
import { propertyRuns } from '../../../support/property-runs.ts';

const number = fc.stringMatching(/^[1-9]\d{4,14}$/);
const group = fc.oneof(
  number.map((id) => `${id}@g.us`),
  fc.tuple(number, number).map(([owner, made]) => `${owner}-${made}@g.us`),
  fc.constant('status@broadcast'),
);
const device = fc.integer({ min: 0, max: 99 });
const user = fc.oneof(
  number,
  number.map((id) => `${id}_1`),
);
const ids = {
  'pre-key': fc.nat().map(String),
  session: fc.tuple(user, device).map(([one, which]) => `${one}.${which}`),
  'sender-key': fc.tuple(group, user, device).map(([where, one, which]) => `${where}::${one}::${which}`),
  'sender-key-memory': group,
  'app-state-sync-key': fc
    .uint8Array({ minLength: 6, maxLength: 24 })
    .map((key) => Buffer.from(key).toString('base64')),
  'app-state-sync-version': fc.constantFrom('critical_block', 'critical_unblock_low', 'regular', 'regular_low'),
  'lid-mapping': fc.oneof(
    number,
    number.map((id) => `${id}_reverse`),
  ),
  'device-list': number,
  tctoken: fc.oneof(
    number.map((id) => `${id}@lid`),
    fc.constant('__index'),
  ),
  'identity-key': fc.tuple(user, device).map(([one, which]) => `${one}.${which}`),
};

describe('the names of files', () => {
  it.each(keyTypes)('say which %s is in them, as Baileys wrote them', (type) => {
    const back = (id: string): void => void expect(keyOfFile(fileOfKey(type, id))).toEqual({ type, id });
    fc.assert(fc.property(ids[type] as fc.Arbitrary<string>, back), propertyRuns(50));
  });

  it('are no keys otherwise', () => {
    for (const file of ['creds.json', '.waha.session.config.json', 'store.sqlite3', 'session-.json', 'notes-1.json']) {
      expect(keyOfFile(file)).toBeNull();
    }
  });
});
