/**
 * Countries whose mobile numbers are written in two ways, while an account has only one of them: Brazil's ninth digit, Mexico's 1
 * behind 52, Argentina's 9 behind 54. Accounts keep the number that they registered with.
 */
const forms: readonly { readonly long: RegExp; readonly short: RegExp; readonly digit: string }[] = [
  { long: /^(55\d{2})9(\d{8})$/, short: /^(55\d{2})(\d{8})$/, digit: '9' },
  { long: /^(52)1(\d{10})$/, short: /^(52)(\d{10})$/, digit: '1' },
  { long: /^(54)9(\d{10})$/, short: /^(54)(\d{10})$/, digit: '9' },
];

/** The same line in the other way of writing; undefined where there is only one. */
export function otherFormOf(number: string): string | undefined {
  for (const { long, short, digit } of forms) {
    if (long.test(number)) return number.replace(long, '$1$2');
    if (short.test(number)) return number.replace(short, `$1${digit}$2`);
  }
  return undefined;
}
