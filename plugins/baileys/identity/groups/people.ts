import type { GroupParticipant } from 'waha-runtime';
import { identityOf, type PersonIdentity } from '../../messages/identity.ts';
import type { LidMappings } from '../lid-mappings.ts';
import type { Member } from './description.ts';

type Names = Pick<LidMappings, 'of'>;

/** A member by every name that is known: what WhatsApp said, and else what is remembered of who is who. */
export const personOf = async ({ id, phoneNumber, lid, username }: Member, names: Names): Promise<PersonIdentity> => {
  const other = (id.endsWith('@lid') ? phoneNumber : lid) ?? (await names.of(id));
  return identityOf(id, other, username) ?? { id, lid: null, pn: null, username: null };
};

export const participantOf = async (member: Member, names: Names): Promise<GroupParticipant> => ({
  ...(await personOf(member, names)),
  role: member.admin ?? 'participant',
});
