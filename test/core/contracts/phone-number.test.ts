import { describe, expect, it } from 'vitest';
import { phoneDigits } from '../../../core/contracts/phone-number.ts';

describe('a phone number', () => {
  it.each([
    ['+55 (11) 99999-0001', '5511999990001'],
    ['0055 11 99999 0001', '5511999990001'],
    ['55.11.99999.0001', '5511999990001'],
    ['12132132130', '12132132130'],
    ['+683 4000', '6834000'],
    ['123456789012345', '123456789012345'],
  ])('is the digits of %s', (text, digits) => {
    expect(phoneDigits(text)).toBe(digits);
  });

  it.each(['', '123456', '1234567890123456', '0171 2345678', 'anna', '5511999990001@c.us', '+٣٣٦١٢٣٤٥٦٧'])(
    'is not in %j',
    (text) => {
      expect(phoneDigits(text)).toBeNull();
    },
  );
});
