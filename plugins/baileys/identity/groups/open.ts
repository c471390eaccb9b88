import { type Log, sentence } from 'waha-runtime';
import type { LidPair, SessionAuth } from 'waha-runtime/engine';
import type { Requests } from '../../socket/requests.ts';
import type { BaileysSocket } from '../../socket/socket.ts';
import type { Member } from './description.ts';
import { GroupStore } from './group-store.ts';
import { Groups } from './groups.ts';
import { GroupServer } from './queries.ts';

export interface OpenGroupsOptions {
  readonly auth: SessionAuth;
  readonly requests: Requests;
  readonly log: Log;
  now(): number;
}

/** What a connection knows of groups, and how it asks WhatsApp about them. */
export const openGroups = (
  sock: BaileysSocket,
  { auth, requests, log, now }: OpenGroupsOptions,
): { readonly groups: Groups; readonly groupServer: GroupServer } => {
  const groupServer = new GroupServer(requests, now);
  const described = (members: readonly Member[]) => learnNames(sock, members, log);
  return {
    groupServer,
    groups: new Groups({ store: new GroupStore(auth, log), queries: groupServer, log, now, described }),
  };
};

/** Who is who among members goes where names are looked up. */
const learnNames = (sock: BaileysSocket, members: readonly Member[], log: Log): void => {
  const pairs = members.flatMap(({ id, phoneNumber, lid }): LidPair[] => {
    if (phoneNumber) return [{ lid: id, pn: phoneNumber }];
    return lid ? [{ lid, pn: id }] : [];
  });
  if (pairs.length === 0) return;
  sock.signalRepository.lidMapping
    .storeLIDPNMappings(pairs)
    .catch((error) => log.debug({ err: sentence(error) }, 'who is who in a group was not kept'));
};
