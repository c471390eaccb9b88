import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import { seal } from '../files/attachments.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { HistoryBook, type HistorySpec } from './history-book.ts';

type Part = proto.Message.IHistorySyncNotification;

const compress = promisify(deflate);
const { HistorySyncType } = proto.HistorySync;
/** What is larger goes by the media server, and so do the bulk of the messages. */
const INLINE_BYTES = 32 * 1024;
const LARGE = new Set<unknown>([HistorySyncType.RECENT, HistorySyncType.FULL]);

/**
 * The announcements of a history, in the order of a phone: the chats with their newest message, the names, then the rest
 * in parts; at last, for whoever asks for it, what is older than three months. Without a past it is one empty part.
 */
export async function* historyOf(
  world: World,
  person: Person,
  device: Device,
  spec: HistorySpec | undefined,
): AsyncGenerator<Part> {
  const pack = (sync: proto.IHistorySync) => announce(world, person, sync);
  if (!spec) {
    yield await pack({ syncType: HistorySyncType.INITIAL_BOOTSTRAP, conversations: [], progress: 100, chunkOrder: 0 });
    return;
  }
  const book = new HistoryBook(world, person, spec);
  yield await pack({ syncType: HistorySyncType.INITIAL_BOOTSTRAP, ...book.beginning(), progress: 0, chunkOrder: 0 });
  yield await pack({ syncType: HistorySyncType.PUSH_NAME, conversations: [], pushnames: book.names(), chunkOrder: 0 });
  yield* inParts(HistorySyncType.RECENT, book.recent(), pack);
  if (device.props.requireFullSync) yield* inParts(HistorySyncType.FULL, book.older(), pack);
}

async function* inParts(
  syncType: proto.HistorySync.HistorySyncType,
  parts: Iterable<proto.IConversation[]>,
  pack: (sync: proto.IHistorySync) => Promise<Part>,
): AsyncGenerator<Part> {
  const last = { conversations: [], progress: 100 };
  let chunkOrder = 0;
  for (const conversations of parts)
    yield await pack({ syncType, conversations, progress: 50, chunkOrder: ++chunkOrder });
  yield await pack({ syncType, ...last, chunkOrder: ++chunkOrder });
}

/** Small parts come with the announcement; others are uploaded, encrypted like any file (docs/protocol.md, "Files"). */
async function announce({ media }: World, person: Person, sync: proto.IHistorySync): Promise<Part> {
  const { syncType, progress = 100, chunkOrder = 0 } = sync;
  const plain = proto.HistorySync.encode(sync).finish();
  const bytes = plain.length <= INLINE_BYTES ? deflateSync(plain) : await compress(plain);
  const about = { syncType: syncType as unknown as proto.Message.HistorySyncType, progress, chunkOrder };
  if (!LARGE.has(syncType) && bytes.length <= INLINE_BYTES)
    return { ...about, initialHistBootstrapInlinePayload: bytes };
  return { ...about, ...seal(media, bytes, 'WhatsApp History Keys', person.number) };
}
