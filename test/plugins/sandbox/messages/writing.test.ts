import { createDecipheriv, createHmac } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealChange } from '../../../../plugins/sandbox/messages/secrets.ts';
import { runSandboxServer, type SandboxServer } from '../../../../plugins/sandbox/standalone.ts';
import { hush, type Linked, link, verifyForReal } from '../support.ts';

const PHONE = '5511999990021';
const CONTACT = '5511888880021';

/** Opens a sealed change with HKDF written out (RFC 5869: extract with 32 zeros, expand one block). */
const opened = (sealed: proto.Message.ISecretEncryptedMessage, secret: Uint8Array, info: string): proto.Message => {
  const pseudoRandomKey = createHmac('sha256', Buffer.alloc(32)).update(secret).digest();
  const key = createHmac('sha256', pseudoRandomKey)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
  const payload = Buffer.from(sealed.encPayload ?? []);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.encIv ?? Buffer.alloc(0));
  decipher.setAuthTag(payload.subarray(-16));
  return proto.Message.decode(Buffer.concat([decipher.update(payload.subarray(0, -16)), decipher.final()]));
};

describe('what a contact can write', () => {
  let server: SandboxServer;
  let linked: Linked;

  beforeAll(async () => {
    hush();
    server = await runSandboxServer({ controlPort: 0, print: () => undefined });
    verifyForReal(server.sandbox.endpoint.rootKey);
    linked = await link(server.sandbox, PHONE);
  });
  afterAll(async () => {
    await linked.client.close();
    await server.close();
  });

  const send = async (body: object): Promise<{ status: number; body: { id: string; message: string } }> => {
    const response = await fetch(`${server.controlUrl}/api/sandbox/contacts/${CONTACT}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to: PHONE, ...body }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };
  const arrived = (id: string): Promise<proto.IWebMessageInfo> =>
    linked.client.until('messages.upsert', ({ messages }) => messages.find(({ key }) => key.id === id));

  it('gives each message a secret of its own, as phones do', async () => {
    const [one, two] = [await send({ text: 'one' }), await send({ text: 'two' })];
    const secrets = await Promise.all(
      [one, two].map(async ({ body }) => (await arrived(body.id)).message?.messageContextInfo?.messageSecret),
    );
    expect(secrets.map((secret) => secret?.length)).toEqual([32, 32]);
    expect(Buffer.from(secrets[0] ?? []).equals(Buffer.from(secrets[1] ?? []))).toBe(false);
  });

  it('seals an edit with the secret of the message that it changes', async () => {
    const { body: first } = await send({ text: 'befor' });
    const { body: edit } = await send({ text: 'before', edit: { id: first.id } });
    const original = await arrived(first.id);
    const envelope = (await arrived(edit.id)).message?.secretEncryptedMessage;
    expect(envelope?.secretEncType).toBe(proto.Message.SecretEncryptedMessage.SecretEncType.MESSAGE_EDIT);
    expect(envelope?.targetMessageKey).toMatchObject({ id: first.id, fromMe: true });
    const author = original.key?.remoteJid ?? '';
    const secret = original.message?.messageContextInfo?.messageSecret ?? new Uint8Array();
    const change = opened(envelope ?? {}, secret, `${first.id}${author}${author}Message Edit`);
    expect(change.protocolMessage?.editedMessage?.conversation).toBe('before');
    expect(change.protocolMessage?.key?.id).toBe(first.id);
  });

  it('edits in the open when it is told to', async () => {
    const { body: first } = await send({ text: 'befor' });
    await send({ text: 'before', edit: { id: first.id, sealed: false } });
    const updated = await linked.client.until('messages.update', (updates) =>
      updates.find(({ key }) => key.id === first.id),
    );
    expect(updated.update.message?.editedMessage?.message).toMatchObject({ conversation: 'before' });
  });

  it('edits only what it has sent', async () => {
    expect(await send({ text: 'x', edit: { id: 'NEVER' } })).toMatchObject({ status: 404 });
  });

  it('tells of a view-once picture that linked devices do not get', async () => {
    const { body } = await send({ unavailable: 'view_once' });
    const [delivery] = server.sandbox.deliveries(PHONE).filter(({ id }) => id === body.id);
    expect(delivery).toMatchObject({ handedOver: 1 });
  });

  it.each([
    ['a template', { templateMessage: { hydratedTemplate: { hydratedContentText: 'Hi' } } }],
    ['an album', { albumMessage: { expectedImageCount: 2 } }],
    ['an interactive message', { interactiveMessage: { body: { text: 'Choose' } } }],
    ['bytes and enums', { buttonsMessage: { headerType: 'TEXT', contextInfo: { isForwarded: true }, text: 'x' } }],
  ])('sends any message of the protocol: %s', async (_what, message) => {
    const { body, status } = await send({ message });
    expect(status).toBe(201);
    const [name = ''] = Object.keys(message);
    expect((await arrived(body.id)).message).toHaveProperty(name);
  });

  it('refuses a type that the protocol does not have', async () => {
    const { status, body } = await send({ message: { carouselOfHorses: {} } });
    expect([status, String(body.message)]).toEqual([400, expect.stringContaining('message.carouselOfHorses')]);
  });
});

describe('a sealed change', () => {
  it('is the one that was computed by hand', () => {
    const change = { conversation: 'before' };
    const key = { remoteJid: '2@lid', fromMe: true, id: 'ID' };
    const [secret, iv] = [Buffer.alloc(32, 7), Buffer.alloc(12, 9)];
    const { secretEncryptedMessage: sealed } = sealChange(
      { key, id: 'ID', sender: '1@lid', secret },
      'event',
      change,
      iv,
    );
    expect(opened(sealed ?? {}, secret, 'ID1@lid1@lidEvent Edit').conversation).toBe('before');
  });
});
