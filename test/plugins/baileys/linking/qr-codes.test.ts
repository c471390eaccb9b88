import { describe, expect, it } from 'vitest';
import { qrCodes } from '../../../../plugins/baileys/linking/qr-codes.ts';

describe('QR codes', () => {
  it('differ in the reference only', () => {
    const first = 'https://wa.me/settings/linked_devices#2@one,noise,identity,secret,1';
    expect(qrCodes(first, ['2@one', '2@two'])).toEqual([first, first.replace('one', 'two')]);
    expect(qrCodes('2@one,noise,identity,secret', ['2@one', '2@two'])[1]).toBe('2@two,noise,identity,secret');
  });

  it('are what Baileys made of them when the references are not known', () => {
    expect(qrCodes('whatever', ['2@one'])).toEqual(['whatever']);
    expect(qrCodes('whatever', [])).toEqual([]);
  });
});
