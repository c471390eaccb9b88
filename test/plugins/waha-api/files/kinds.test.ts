import { describe, expect, it } from 'vitest';
import { mislabelled, sniff } from '../../../../plugins/waha-api/files/kinds.ts';

describe('the first bytes of a file', () => {
  it.each([
    ['ffd8ffe0', 'image/jpeg'],
    ['52494646000000005745425056', 'image/webp'],
    ['00000020667479706d703432', 'video/mp4'],
    ['4f676753', 'audio/ogg'],
    [Buffer.from('\n<!DOCTYPE html>').toString('hex'), 'text/html'],
    ['00', undefined],
  ])('%s are of %s', (hex, mimetype) => {
    expect(sniff(Buffer.from(hex, 'hex'))).toBe(mimetype);
  });

  it('say when a file cannot be what it is sent as', () => {
    const [pdf, mp4] = [Buffer.from('%PDF-1.7'), Buffer.from('\0\0\0\x20ftypisom')];
    expect([mislabelled(pdf, 'image'), mislabelled(mp4, 'image')]).toEqual([expect.any(String), expect.any(String)]);
    expect([mislabelled(mp4, 'audio'), mislabelled(Buffer.from('?'), 'image')]).toEqual([null, null]);
  });
});
