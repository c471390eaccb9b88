import { badRequest } from 'waha-runtime';
import { jidOf } from '../../messages/ids.ts';

/** What WhatsApp lets one write, in characters. */
const LONGEST_SUBJECT = 100;
const LONGEST_DESCRIPTION = 2048;

/** A group's jid; a `BAD_REQUEST` for anything else. */
export const groupOf = (id: string, field = 'id'): string => {
  const jid = jidOf(id, field);
  if (!jid.endsWith('@g.us')) throw badRequest(`${field} must be a group: <id>@g.us`);
  return jid;
};

export const subjectOf = (text: string, field: string): string => {
  const subject = text.trim();
  if (subject === '') throw badRequest(`${field} must not be empty`);
  if ([...subject].length > LONGEST_SUBJECT)
    throw badRequest(`${field} must not be longer than ${LONGEST_SUBJECT} characters`);
  return subject;
};

export const descriptionOf = (text: string): string => {
  if ([...text].length > LONGEST_DESCRIPTION)
    throw badRequest(`description must not be longer than ${LONGEST_DESCRIPTION} characters`);
  return text;
};

/** The code of an invitation, given as such or as its link. */
export const codeOf = (text: string): string => {
  const [, code] =
    /^(?:https?:\/\/)?(?:chat\.whatsapp\.com\/)?(?:invite\/)?([0-9A-Za-z_-]{8,64})\/?(?:\?.{0,500})?$/.exec(
      text.trim(),
    ) ?? [undefined, undefined];
  if (!code) throw badRequest('code must be the code of an invitation, or its link https://chat.whatsapp.com/…');
  return code;
};
