import { inflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../core/deadline.ts';
import { openedMedia } from '../../../../plugins/baileys/media/opened-media.ts';
import { mediaKeysOf } from '../../../../plugins/baileys/messages/media-file.ts';
import { HistoryControl } from '../../../../plugins/sandbox/control/history-control.ts';
import { historyOf } from '../../../../plugins/sandbox/history/history.ts';
import type { HistorySpec } from '../../../../plugins/sandbox/history/history-book.ts';
import { startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { lidJid } from '../../../../plugins/sandbox/wire/jids.ts';
import type { Device } from '../../../../plugins/sandbox/world/people.ts';
import { World } from '../../../../plugins/sandbox/world/world.ts';

const { HistorySyncType } = proto.HistorySync;

/** What a phone with this past announces to a device, with the payloads as the device would read them. */
const announced = async (spec: HistorySpec | undefined, requireFullSync = false) => {
  const world = new World({ addressing: 'lid', refs: 6, receiptDelayMs: 200, clock: systemClock });
  const device = { props: { requireFullSync } } as Device;
  const parts: { inline: boolean; sync: proto.HistorySync }[] = [];
  for await (const part of historyOf(world, world.person('4915200000001'), device, spec)) {
    const { initialHistBootstrapInlinePayload: inline, directPath, mediaKey, fileSha256, fileEncSha256 } = part;
    const sealed = async function* () {
      yield world.media.get(directPath ?? '') ?? Buffer.alloc(0);
    };
    const keys = mediaKeysOf('History', mediaKey ?? new Uint8Array(32));
    const expected = { size: null, sha256: fileSha256 ?? null, sealedSha256: fileEncSha256 ?? null };
    const pieces: Uint8Array[] = inline ? [inline] : [];
    if (!inline) for await (const piece of openedMedia(sealed(), keys, expected)) pieces.push(piece);
    parts.push({ inline: Boolean(inline), sync: proto.HistorySync.decode(inflateSync(Buffer.concat(pieces))) });
  }
  return parts;
};

const messagesIn = (parts: readonly { sync: proto.HistorySync }[], type: number) =>
  parts
    .filter(({ sync }) => (sync.syncType as number) === type)
    .flatMap(({ sync }) => sync.conversations.flatMap(({ messages }) => messages ?? []));

describe('the history that a phone hands over', () => {
  it('is one empty part without a past', async () => {
    const [part, ...more] = await announced(undefined);
    expect([part?.inline, part?.sync.conversations, part?.sync.progress, more]).toEqual([true, [], 100, []]);
  });

  it('begins with every chat and its newest message, and has each message once', async () => {
    const parts = await announced({ chats: 5, messages: 23, groups: 1, lids: 1, perPart: 10 });
    expect(parts[0]?.sync.syncType).toBe(HistorySyncType.INITIAL_BOOTSTRAP);
    expect(parts[0]?.sync.conversations.map(({ id, messages }) => [id, messages?.length])).toEqual([
      ['120363000000000000@g.us', 1],
      [lidJid('4917000000001'), 1],
      ['4917000000002@s.whatsapp.net', 1],
      ['4917000000003@s.whatsapp.net', 1],
      ['4917000000004@s.whatsapp.net', 1],
    ]);
    expect(parts[0]?.sync.phoneNumberToLidMappings).toHaveLength(4);
    expect(parts[1]?.sync.pushnames).toContainEqual({ id: '4917000000002@s.whatsapp.net', pushname: 'User 0002' });
    expect(messagesIn(parts, HistorySyncType.INITIAL_BOOTSTRAP)).toHaveLength(5);
    const rest = messagesIn(parts, HistorySyncType.RECENT);
    expect(rest).toHaveLength(18);
    const all = [...messagesIn(parts, HistorySyncType.INITIAL_BOOTSTRAP), ...rest];
    expect(new Set(all.map(({ message }) => message?.key?.id)).size).toBe(23);
    expect(parts.at(-1)?.sync.progress).toBe(100);
  });

  it('is uploaded where it is large, in parts of the size that was asked for', async () => {
    const parts = await announced({ chats: 10, messages: 100, perPart: 30 });
    const recent = parts.filter(({ sync }) => sync.syncType === HistorySyncType.RECENT);
    expect(recent.every(({ inline }) => !inline)).toBe(true);
    const sizes = recent.map(({ sync }) =>
      sync.conversations.reduce((sum, { messages }) => sum + (messages?.length ?? 0), 0),
    );
    expect(sizes).toEqual([27, 27, 27, 9, 0]);
  });

  it('goes on with a chat in the next part where it is larger than one', async () => {
    const parts = await announced({ chats: 2, messages: 62, perPart: 10 });
    const recent = parts.filter(({ sync }) => sync.syncType === HistorySyncType.RECENT);
    const numbers = recent.map(({ sync }) =>
      sync.conversations.flatMap(({ id, messages }) => messages?.map((one) => `${id?.[12]}:${one.msgOrderId}`) ?? []),
    );
    expect(numbers.map((one) => one.length)).toEqual([10, 10, 10, 10, 10, 10, 0]);
    expect(numbers[0]).toEqual([58, 56, 54, 52, 50, 48, 46, 44, 42, 40].map((k) => `0:${k}`));
    expect(numbers[5]?.at(-1)).toBe('1:1');
    expect(new Set(numbers.flat()).size).toBe(60);
  });

  it('holds what is older than three months for devices that ask for all', async () => {
    const spec = { chats: 2, messages: 4, older: 6, media: 1 };
    expect(messagesIn(await announced(spec), HistorySyncType.FULL)).toEqual([]);
    const old = messagesIn(await announced(spec, true), HistorySyncType.FULL);
    expect(old).toHaveLength(6);
    const quarter = Date.now() / 1000 - 90 * 24 * 60 * 60;
    expect(old.every(({ message }) => Number(message?.messageTimestamp) < quarter)).toBe(true);
  });

  it('is given to a phone by the control API, which refuses what cannot be', async () => {
    const sandbox = await startSandbox();
    const control = new HistoryControl(sandbox);
    control.remember('4915200000001', { chats: 2, messages: 4 });
    expect(sandbox.phone('4915200000001').history).toEqual({ chats: 2, messages: 4 });
    expect(() => control.remember('4915200000001', { chats: 2, messages: 4, groups: 2, lids: 1 })).toThrow('groups');
    await sandbox.close();
  });
});
