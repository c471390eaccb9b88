import type { Client } from 'waha-runtime';
import type { MediaIn } from '../inbound/media.ts';
import { storeReading } from '../store/reading.ts';
import { type AccountParts, accountCapabilities } from './account.ts';
import { BaileysAttachments } from './attachments.ts';
import { BaileysContents } from './contents.ts';
import { BaileysChanges } from './message-changes.ts';
import { BaileysMessages } from './messages.ts';
import { BaileysNumbers } from './numbers.ts';
import { BaileysPresence } from './presence.ts';
import { BaileysPresences, type HeardPresences } from './presences.ts';
import { Seen } from './seen.ts';
import { Sender, type SenderParts } from './sender.ts';

/** What a session that is WORKING can do through this engine. */
export const baileysClient = (
  parts: SenderParts & AccountParts & { readonly heard: HeardPresences; readonly media: MediaIn },
): Client => {
  const sender = new Sender(parts);
  const { outgoing } = parts;
  const seen = new Seen(parts);
  const account = accountCapabilities(parts);
  return {
    me: parts.me,
    messages: new BaileysMessages(sender, seen),
    messageIds: { create: async () => sender.newId() },
    attachments: new BaileysAttachments(sender),
    contents: new BaileysContents(sender),
    changes: new BaileysChanges(sender),
    numbers: new BaileysNumbers(outgoing),
    presence: new BaileysPresence(outgoing),
    presences: new BaileysPresences(outgoing, parts.heard),
    ...account,
    ...storeReading(parts, { seen, pictureOf: (id) => account.pictures.knownUrl(id) }),
  };
};
