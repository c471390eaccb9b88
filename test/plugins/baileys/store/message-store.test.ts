import { describe, expect, it } from 'vitest';
import { CollectionMessageStore } from '../../../../core/stores/message-store.ts';
import { timeLimit } from '../../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../../core/testing/memory-database.ts';
import { recall } from '../../../../plugins/baileys/messages/stored-message.ts';
import { MessageStore } from '../../../../plugins/baileys/store/message-store.ts';
import { SimulatedClock } from '../../../support/clock.ts';
import { recordingLog } from '../../../support/log.ts';

const ann = '4915100001@c.us';
const group = '12036300000@g.us';
const key = { remoteJid: '4915100001@s.whatsapp.net', id: 'A', fromMe: false };

const open = async (hasLibrary: boolean) => {
  const within = timeLimit('messageStore', new SimulatedClock(), 10_000);
  const options = { within, retention: { perSession: 100, perLibrary: 100 }, log: recordingLog() };
  const stores = await CollectionMessageStore.open(memoryDatabase(), options);
  const library = stores.library('main');
  const messageStore = new MessageStore({
    history: stores.of('main'),
    library: hasLibrary ? library : null,
    log: recordingLog(),
    ignores: (jid) => jid.endsWith('@g.us'),
    onChat: () => undefined,
    idsOf: async () => [],
  });
  return { messageStore, library };
};

describe.each([
  ['with a library', true],
  ['without one', false],
])('the messages of a session %s', (_, hasLibrary) => {
  it('are changed by nobody who writes in another chat or as somebody else', async () => {
    const { messageStore } = await open(hasLibrary);
    await messageStore.keep({ key, message: { conversation: 'before' }, messageTimestamp: 100 });
    const kept = await messageStore.find('A');
    const edit = () => ({ raw: { key, message: { conversation: 'after' }, messageTimestamp: 100 }, listed: true });
    const text = async () => recall((await messageStore.find('A')) as never).message?.conversation;
    if (!kept) throw new Error('the message is not kept');
    await messageStore.change({ ...kept, chatId: '4915100002@c.us' }, edit);
    await messageStore.change({ ...kept, fromMe: true }, edit);
    expect(await text()).toBe('before');
    await messageStore.change(kept, edit);
    expect(await text()).toBe('after');
  });
});

describe('a chat that the config filters', () => {
  it('is not in the library, nor are its messages', async () => {
    const { messageStore, library } = await open(true);
    const sent = { ...key, remoteJid: group, participant: key.remoteJid };
    await messageStore.keep({ key: sent, message: { conversation: 'in a group' }, messageTimestamp: 100 });
    await messageStore.keep({ key: { ...key, id: 'B' }, message: { conversation: 'hi' }, messageTimestamp: 100 });
    expect((await library.messages({})).map(({ chatId }) => chatId)).toEqual([ann]);
    expect((await library.chats({})).map(({ id }) => id)).toEqual([ann]);
  });
});
