import { deflateSync } from 'node:zlib';
import { makeEventBuffer, proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HistorySync, type HistorySyncOptions } from '../../../../plugins/baileys/store/history/history-sync.ts';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { lidJid } from '../../../../plugins/sandbox/wire/jids.ts';
import { link, sandboxForTests } from '../../sandbox/support.ts';
import { TestSession, testLog } from '../session.ts';

const phone = '4915200003001';
/** Somebody in every history that the sandbox makes up. */
const member = '4917000000001';
const last = '4917000000002';
const past = { chats: 3, messages: 6, lids: 1 };
const hidden = lidJid(member).split('@')[0];

describe('who is who in the history of a phone', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
    sandbox.phone(phone).history = past;
  });
  afterAll(() => sandbox.close());

  it('is known after linking, in a session without a store and without a full history', async () => {
    const session = new TestSession(sandbox);
    await session.link(sandbox, phone);
    const stored = () => Buffer.from(session.auth.store.get(`lid-mapping.${member}`) ?? '').toString();
    await expect.poll(stored).toContain(hidden);
    await session.close();
  });

  it.each([
    ['RECENT', false, true],
    ['NON_BLOCKING_DATA', false, true],
    ['FULL', false, false],
    ['FULL', true, true],
  ] as const)('is read from a part %s, asked for all: %s', async (type, fullSync, isRead) => {
    expect(await pairsOf(type, fullSync)).toEqual(isRead ? [member, last] : [last]);
  });

  it('still needs the repair: plain Baileys that leaves the history alone never learns it', async () => {
    const plain = await sandboxForTests();
    plain.phone(phone).history = past;
    const lidOf = async (options: Parameters<typeof link>[2]) => {
      const { client } = await link(plain, phone, { syncFullHistory: false, ...options });
      // The names come after the part that says who is who.
      await client.until('messages.upsert', ({ messages }) =>
        messages.some(({ message }) => message?.protocolMessage?.historySyncNotification?.syncType === 3),
      );
      const known = await client.auth.keys.get('lid-mapping', [member]);
      await client.close();
      return known[member];
    };
    expect(await lidOf({ shouldSyncHistoryMessage: () => false })).toBeUndefined();
    expect(await lidOf({})).toBe(hidden);
    await plain.close();
  });
});

type PartType = keyof typeof proto.Message.HistorySyncType;

/** Whose names are kept of a part and of a last one, in a session without a store. */
const pairsOf = async (type: PartType, fullSync: boolean): Promise<string[]> => {
  const ev = makeEventBuffer({ level: 'silent', trace() {}, debug() {}, warn() {} } as never);
  const kept: string[] = [];
  const keep = async (pairs: { pn: string }[]) => void kept.push(...pairs.map(({ pn }) => pn.split('@')[0] ?? ''));
  const lidMapping = { storeLIDPNMappings: keep };
  const messageStore = { library: null, put: async () => undefined };
  const sync = new HistorySync({
    ...{ sock: { ev, signalRepository: { lidMapping } }, messageStore, fullSync, log: testLog, now: Date.now },
    ignores: () => false,
  } as unknown as HistorySyncOptions);
  for (const [at, raw] of [partOf(type, member), partOf('INITIAL_BOOTSTRAP', last)].entries()) {
    const key = { fromMe: true, id: `H${at}` };
    ev.emit('messages.upsert', { messages: [{ ...raw, key } as RawMessage], type: 'append' });
  }
  await expect.poll(() => kept).toContain(last);
  await sync.close();
  return kept;
};

const partOf = (type: PartType, number: string): Omit<RawMessage, 'key'> => {
  const conversations = [{ id: `${number}@s.whatsapp.net`, lidJid: lidJid(number) }];
  const syncType = proto.Message.HistorySyncType[type];
  const whole = { syncType: syncType as unknown as proto.HistorySync.HistorySyncType, conversations };
  const initialHistBootstrapInlinePayload = deflateSync(proto.HistorySync.encode(whole).finish());
  const historySyncNotification = { syncType, initialHistBootstrapInlinePayload };
  return { message: { protocolMessage: { historySyncNotification } } };
};
