import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { type Field, fieldsIn, fieldsOf } from '../../../../plugins/baileys/store/history/fields.ts';

const sync = proto.HistorySync.encode({
  syncType: proto.HistorySync.HistorySyncType.RECENT,
  conversations: [
    {
      id: 'a@s.whatsapp.net',
      unreadCount: 3,
      messages: [{ msgOrderId: 2 ** 40, message: { key: { id: 'x'.repeat(300) } } }],
    },
    { id: 'b@s.whatsapp.net', messages: [] },
  ],
  progress: 77,
  pushnames: [{ id: 'a@s.whatsapp.net', pushname: 'Ä 🙂' }],
}).finish();

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const all = async (pieces: AsyncIterable<Uint8Array>): Promise<Field[]> => {
  const fields: Field[] = [];
  for await (const field of fieldsOf(pieces)) fields.push(field);
  return fields;
};
const textOf = ({ number, content }: Field) => [number, content && Buffer.from(content).toString('hex')];

describe('the fields of a message', () => {
  it('are what protobuf made of them, and can be put together again', () => {
    const fields = [...fieldsIn(sync)];
    expect(fields.map(({ number }) => number)).toEqual([1, 2, 2, 6, 7]);
    expect(proto.Conversation.decode(fields[1]?.content ?? new Uint8Array())).toMatchObject({ unreadCount: 3 });
    expect(Buffer.concat(fields.map(({ whole }) => whole)).equals(sync)).toBe(true);
  });

  it.each([1, 2, 7, 64, 100_000])('are the same when they come in pieces of %i bytes', async (size) => {
    expect((await all(inPieces(sync, size))).map(textOf)).toEqual([...fieldsIn(sync)].map(textOf));
  });

  it('end with a sentence where they are cut off, or are none', async () => {
    expect(() => [...fieldsIn(sync.subarray(0, -1))]).toThrow('cut off');
    await expect(all(inPieces(sync.subarray(0, -1), 50))).rejects.toThrow('cut off');
    expect(() => [...fieldsIn(new Uint8Array([0x0b]))]).toThrow('cannot be read');
    expect(() => [...fieldsIn(new Uint8Array(20).fill(0xff))]).toThrow('cannot be read');
    const huge = new Uint8Array([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    await expect(all(inPieces(huge, 6))).rejects.toThrow('too large');
  });
});
