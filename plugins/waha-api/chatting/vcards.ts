import { badRequest, named, type Static, Type } from 'waha-runtime';

const text = Type.String({ minLength: 1, maxLength: 1000 });
const maybeText = Type.Optional(Type.Union([text, Type.Null()]));

/** A card that the client has written itself. */
export const VCardContact = named(
  'VCardContact',
  Type.Object({ vcard: Type.String({ minLength: 1, maxLength: 65_536, examples: ['BEGIN:VCARD\nVERSION:3.0\n…'] }) }),
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
  const name = /^FN[^:\r\n]*:(.+)$/im.exec(vcard)?.[1]?.trim();
  if (!name || !/^BEGIN:VCARD/i.test(vcard.trim())) {
    throw badRequest(`contacts[${index}].vcard must be a vCard with a name (FN)`);
  }
  return { name, vcard };
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
