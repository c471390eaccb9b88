import ICAL from 'ical.js';
import { badRequest, named, type Static, Type } from 'waha-runtime';

const text = Type.String({ minLength: 1, maxLength: 1000 });
const maybeText = Type.Optional(Type.Union([text, Type.Null()]));

const cardExample = [
  'BEGIN:VCARD',
  'VERSION:3.0',
  'FN:Jane Doe',
  'ORG:Company Name;',
  'TEL;type=CELL;type=VOICE;waid=11111111111:+1 111 111 11 11',
  'END:VCARD',
].join('\n');

/** A card that the client has written itself. */
export const VCardContact = named(
  'VCardContact',
  Type.Object({ vcard: Type.String({ minLength: 1, maxLength: 65_536, examples: [cardExample] }) }),
);

/** A card from its facts. */
export const Contact = named(
  'Contact',
  Type.Object({
    fullName: text,
    organization: maybeText,
    phoneNumber: text,
    whatsappId: maybeText,
    vcard: Type.Optional(Type.Null()),
  }),
);

/** Name and text of a card. A card without a name, or that is none, is a `BAD_REQUEST`. */
export const vCardOf = (
  contact: Static<typeof VCardContact> | Static<typeof Contact>,
  index: number,
): { name: string; vcard: string } => {
  if (!contact.vcard) return { name: (contact as Static<typeof Contact>).fullName, vcard: written(contact as never) };
  const { vcard } = contact;
  const name = nameIn(vcard);
  if (!name) throw badRequest(`contacts[${index}].vcard must be a vCard with a name (FN)`);
  return { name, vcard };
};

/** The name in a card as people write it: lines may be folded, in a group (`item1.FN`), with parameters, and quoted as in vCard 2.1. */
const nameIn = (text: string): string | null => {
  const lines = text.trim().replace(/\r?\n|\r/g, '\r\n');
  // Quoted lines of vCard 2.1 end in an equals sign where they go on.
  const whole = /QUOTED-PRINTABLE/i.test(lines) ? lines.replaceAll('=\r\n', '') : lines;
  try {
    const card = new ICAL.Component(ICAL.parse(whole) as never);
    const property = card.getFirstProperty('fn') ?? card.getFirstProperty('n');
    if (card.name !== 'vcard' || !property) return null;
    const value = [property.getFirstValue()].flat(2).map(String).filter(Boolean).join(' ').trim();
    const isQuoted = /quoted-printable/i.test(String(property.getParameter('encoding') ?? ''));
    return (isQuoted ? unquoted(value, String(property.getParameter('charset') ?? 'utf-8')) : value) || null;
  } catch {
    return null;
  }
};

const unquoted = (text: string, charset: string): string => {
  const bytes = text.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return new TextDecoder(charset).decode(Buffer.from(bytes, 'latin1'));
};

const written = ({ fullName, organization, phoneNumber, whatsappId }: Static<typeof Contact>): string => {
  const waid = (whatsappId ?? phoneNumber).split('@', 1)[0]?.replace(/\D/g, '') ?? '';
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${escaped(fullName)}`,
    ...(organization ? [`ORG:${escaped(organization)};`] : []),
    `TEL;type=CELL;type=VOICE;waid=${waid}:${escaped(phoneNumber)}`,
    'END:VCARD',
  ].join('\n');
};

/** Line breaks, commas and semicolons mean something in a card. */
const escaped = (value: string): string =>
  value
    .replace(/\\/g, '\\\\')
    .replace(/([,;])/g, '\\$1')
    .replace(/\r?\n/g, '\\n');
