import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import { badRequest } from 'waha-runtime';
import type { ParticipantResult } from 'waha-runtime/engine';
import { isSame } from '../../identity/groups/changes.ts';
import { type Member, memberOf } from '../../identity/groups/description.ts';
import { personOf } from '../../identity/groups/people.ts';
import type { LidMappings } from '../../identity/lid-mappings.ts';
import { jsonSafe } from '../../json-safe.ts';
import { jidOf } from '../../messages/ids.ts';

/** WhatsApp's verdicts on one person, in words. */
const verdicts: Record<string, string> = {
  400: 'WhatsApp does not take this person',
  401: 'the account may not do this with this person',
  403: 'their privacy settings do not let them be added; an invitation can be sent to them',
  404: 'not on WhatsApp, or not in the group',
  406: 'the one who made the group cannot be removed or changed',
  408: 'they left the group lately, and have to come by themselves',
  409: 'they are in the group already',
  417: 'they have to be in the community first',
  419: 'the group is full',
};

/** Where somebody stands in a request. */
export const placeOf = (index: number): string => `participants[${index}].id`;

/** People as WhatsApp addresses them. A bad one is a `BAD_REQUEST` that names its place. */
export const peopleOf = (ids: readonly string[]): string[] => {
  const jids = ids.map((id, index) => {
    const field = placeOf(index);
    const jid = jidOf(id, field);
    if (!/@(s\.whatsapp\.net|lid|username)$/.test(jid))
      throw badRequest(`${field} must be a person: <phone>@c.us, <id>@lid or a username`);
    return jid;
  });
  return [...new Set(jids)];
};

/** How members are named in a question: those who are there, as the group knows them. */
export const namedAsMembers = async (
  jids: readonly string[],
  members: readonly Member[],
  names: Pick<LidMappings, 'of'>,
): Promise<string[]> =>
  Promise.all(
    jids.map(async (jid) => {
      const other = await names.of(jid);
      const person: Member = { id: jid, admin: null, ...(other ? { lid: other } : {}) };
      return members.find((member) => isSame(member, person))?.id ?? jid;
    }),
  );

export const participantNodes = (jids: readonly string[]): BinaryNode[] =>
  jids.map((jid) => ({ tag: 'participant', attrs: { jid } }));

/** What became of each person, from the part of an answer that lists them. */
export const resultsIn = (
  answer: BinaryNode | undefined,
  names: Pick<LidMappings, 'of'>,
): Promise<ParticipantResult[]> =>
  Promise.all(getBinaryNodeChildren(answer, 'participant').map((one) => resultOf(one, names)));

const resultOf = async (one: BinaryNode, names: Pick<LidMappings, 'of'>): Promise<ParticipantResult> => {
  const { jid = '', error } = one.attrs;
  const status = error ?? '200';
  const named = await personOf(memberOf(one), names);
  const message = status === '200' ? undefined : (verdicts[status] ?? `WhatsApp says ${status}`);
  const request = getBinaryNodeChild(one, 'add_request');
  const { code, expiration } = request?.attrs ?? {};
  return {
    ...{ status, jid, ...named },
    ...(message ? { message } : {}),
    ...(code ? { invitation: { code, expiration: Number(expiration ?? 0) } } : {}),
    content: jsonSafe(one),
  };
};
