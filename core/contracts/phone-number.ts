/**
 * The digits of a phone number with its country code, or null when the text is none: `+55 (11) 99999-0001` and `005511999990001`
 * are `5511999990001`. A number of 7 to 15 digits is taken: E.164 allows 15, and the shortest in use, Niue's, have 7. One
 * that begins with a single zero has no country code, and who it belongs to cannot be known.
 *
 * Whether such a number exists is for WhatsApp to say. Tables of numbering plans (libphonenumber) refuse ranges that were
 * given out after the table was made, and WhatsApp has such accounts.
 */
export const phoneDigits = (text: string): string | null => {
  const digits = text.replace(/[\s()+.\-/]/g, '').replace(/^00/, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : null;
};
