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

/**
 * The name in a card as people write it: lines may be folded, in a group (`item1.FN`), with parameters, and quoted as in vCard 2.1.
 * Only the name is parsed: the parser refuses parameters without a name, such as `TEL;CELL:` of vCard 2.1, and the whole card with them.
 */
const nameIn = (text: string): string | null => {
  const lines = unfolded(text.trim().replace(/\r\n?/g, '\n').split('\n')).filter((line) => line.trim() !== '');
  if (!isLine(lines[0], 'BEGIN:VCARD') || !isLine(lines.at(-1), 'END:VCARD')) return null;
  // A card may hold another one behind `AGENT:`; one behind its end is a second card.
  if (lines.some((line, at) => isLine(line, 'END:VCARD') && isLine(lines[at + 1], 'BEGIN:VCARD'))) return null;
  for (const name of [/^(?:[\w-]{1,64}\.)?FN[;:]/i, /^(?:[\w-]{1,64}\.)?N[;:]/i]) {
    const line = lines.find((one) => name.test(one));
    const value = line === undefined ? null : nameOf(line);
    if (value) return value;
  }
  return null;
};

const isLine = (line: string | undefined, name: string): boolean => line?.trim().toUpperCase() === name;

/** A line that begins with a blank belongs to the one before; so does the line after a quoted one that ends in an equals sign. */
const unfolded = (lines: readonly string[]): string[] => {
  const whole: string[][] = [];
  let goesOn = false;
  for (const line of lines) {
    const last = whole.at(-1);
    const isPart = last !== undefined && (goesOn || /^[ \t]/.test(line));
    const isQuoted = QUOTED.test((isPart ? last[0] : line) ?? '');
    const text = isPart && !goesOn ? line.slice(1) : line;
    goesOn = isQuoted && line.endsWith('=');
    const kept = goesOn ? text.slice(0, -1) : text;
    if (isPart) last.push(kept);
    else whole.push([kept]);
  }
  return whole.map((parts) => parts.join(''));
};

const QUOTED = /^[^:]{1,200};(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i;

const nameOf = (line: string): string | null => {
  const named = line.replace(/;QUOTED-PRINTABLE(?=[;:])/i, ';ENCODING=QUOTED-PRINTABLE');
  try {
    const card = new ICAL.Component(ICAL.parse(`BEGIN:VCARD\r\nVERSION:3.0\r\n${named}\r\nEND:VCARD`) as never);
    const property = card.getAllProperties().find(({ name }) => name === 'fn' || name === 'n');
    if (!property) return null;
    const value = asShown([property.getFirstValue()].flat(1).map((part) => [part].flat(1).join(' ')));
    const isQuoted = /quoted-printable/i.test(String(property.getParameter('encoding') ?? ''));
    return (isQuoted ? unquoted(value, String(property.getParameter('charset') ?? 'utf-8')) : value) || null;
  } catch {
    return null;
  }
};

/** A whole name, or one in parts: family, given, further, before and after the name. */
const asShown = ([first = '', ...parts]: readonly string[]): string => {
  const [given = '', further = '', before = '', after = ''] = parts;
  const shown = [before, given, further, first, after].map((part) => part.trim()).filter(Boolean);
  // Some escape a semicolon where the parser leaves it so.
  return shown.join(' ').replaceAll('\\;', ';');
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
