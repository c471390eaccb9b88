import { Agent } from 'node:https';
import { downloadMediaMessage, type proto, type WAMessage } from '@whiskeysockets/baileys';
import { Agent as Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MediaKind, Sandbox } from '../../../plugins/sandbox/sandbox.ts';
import { type Linked, link, sandboxForTests } from './support.ts';

const PHONE = '5511999990001';
const FILE = Buffer.from('a file of some bytes, long enough to have more than one block of sixteen');

describe('media', () => {
  let sandbox: Sandbox;
  let linked: Linked;
  let options: RequestInit;
  let dispatcher: Dispatcher;

  beforeAll(async () => {
    sandbox = await sandboxForTests();
    dispatcher = new Dispatcher({ connect: { ca: sandbox.endpoint.ca } });
    // undici's own extension of fetch, which its types do not know.
    options = { dispatcher } as unknown as RequestInit;
    linked = await link(sandbox, PHONE, {
      fetchAgent: new Agent({ ca: sandbox.endpoint.ca }),
      options,
    });
  });
  afterAll(async () => {
    await linked.client.close();
    await dispatcher.close();
    await sandbox.close();
  });

  const received = (pick: (message: proto.IMessage) => unknown): Promise<WAMessage> =>
    linked.client.until('messages.upsert', ({ messages }) => messages.find(({ message }) => message && pick(message)));

  it.each<[MediaKind, keyof proto.IMessage]>([
    ['image', 'imageMessage'],
    ['video', 'videoMessage'],
    ['audio', 'audioMessage'],
    ['document', 'documentMessage'],
    ['sticker', 'stickerMessage'],
  ])('reaches the client as %s, which downloads and decrypts it', async (kind, field) => {
    const ana = sandbox.contact('5511888880001');
    await ana.sendMedia(PHONE, { kind, bytes: FILE, mimetype: 'application/x-test', caption: 'look' });
    const message = await received((one) => one[field]);
    const file = await downloadMediaMessage(message, 'buffer', { options });
    expect(file.toString()).toBe(FILE.toString());
  });

  it('is uploaded by the client and decrypted by the contact', async () => {
    const bob = sandbox.contact('5511888880002');
    await linked.client.socket.sendMessage(bob.jid, {
      document: FILE,
      mimetype: 'text/plain',
      fileName: 'file.txt',
      caption: 'read this',
    });
    const message = await bob.waitForMessage();
    expect(message.text).toBe('read this');
    expect(bob.download(message).toString()).toBe(FILE.toString());
    const text = await bob.send(PHONE, 'no file');
    expect(() => bob.download({ ...message, id: text.id, message: { conversation: 'no file' } })).toThrow('no media');
  });

  it('is served in parts', async () => {
    const url = (await received((one) => one.imageMessage)).message?.imageMessage?.url ?? '';
    const init = { ...options, headers: { range: 'bytes=16-31' } };
    const response = await fetch(url, init);
    expect(response.status).toBe(206);
    expect((await response.arrayBuffer()).byteLength).toBe(16);
    const whole = await fetch(url, options);
    expect(Number(whole.headers.get('content-length'))).toBeGreaterThan(FILE.length);
  });

  it('refuses an upload that was damaged on the way', async () => {
    const { host } = new URL((await received((one) => one.imageMessage)).message?.imageMessage?.url ?? '');
    const init = { ...options, method: 'POST', body: 'x' };
    expect((await fetch(`https://${host}/mms/image/AAAA?auth=x`, init)).status).toBe(400);
  });
});
