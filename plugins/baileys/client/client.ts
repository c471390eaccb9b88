import type { Client } from 'waha-runtime';
import type { GraphQueries } from '../config.ts';
import type { HeardPresences } from '../inbound/presences.ts';
import type { MediaIn } from '../media/media-in.ts';
import type { AccountLimits } from '../socket/account-limits.ts';
import { type AccountOptions, accountCapabilities } from './account.ts';
import { BaileysAttachments } from './attachments.ts';
import { BaileysContents } from './contents.ts';
import { BaileysChanges } from './message-changes.ts';
import { BaileysMessages } from './messages.ts';
import { BaileysNewsletters } from './newsletters/newsletters.ts';
import { BaileysNumbers } from './numbers.ts';
import { BaileysPresence } from './presence.ts';
import { BaileysPresences } from './presence-subscriptions.ts';
import { storeReading } from './reading/reading.ts';
import { Seen } from './seen.ts';
import { Sender, type SenderOptions } from './sender.ts';
import { BaileysStatuses } from './statuses.ts';

/** What a session that is WORKING can do through this engine. */
export const baileysClient = (
  options: SenderOptions &
    AccountOptions & {
      readonly heard: HeardPresences;
      readonly media: MediaIn;
      readonly queries: GraphQueries;
      readonly limits: AccountLimits;
    },
): Client => {
  const sender = new Sender(options);
  const { requests, directory } = options;
  const seen = new Seen({ ...options, numbers: directory.numbers });
  const account = accountCapabilities(options);
  return {
    me: options.me,
    messages: new BaileysMessages(sender, seen),
    messageIds: { create: async () => sender.newId() },
    attachments: new BaileysAttachments(sender),
    contents: new BaileysContents(sender),
    changes: new BaileysChanges(sender),
    status: new BaileysStatuses(sender),
    newsletters: new BaileysNewsletters({ ...options, me: () => options.me()?.id }),
    limits: options.limits,
    numbers: new BaileysNumbers(requests, directory),
    presence: new BaileysPresence(requests, directory.numbers),
    presences: new BaileysPresences(requests, options.heard, directory),
    ...account,
    ...storeReading(options, { seen, pictureOf: (id) => account.pictures.knownUrl(id) }),
  };
};
