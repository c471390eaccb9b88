import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { conversation } from '../support/conversation.ts';
import { apiKey } from '../support/deployment.ts';

const talk = conversation();
const { chatId, session } = talk;

/** Sends a form as a browser would. */
const post = async (path: string, fields: Record<string, string | Blob>, headers: Record<string, string> = {}) => {
  const body = new FormData();
  for (const [name, value] of Object.entries({ session, chatId, ...fields })) {
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, value, 'own name.pdf');
  }
  const answer = await fetch(talk.world.api.url + path, {
    method: 'POST',
    body,
    headers: { 'x-api-key': apiKey, ...headers },
  });
  return { status: answer.status, body: (await answer.json()) as WAMessage, headers: answer.headers };
};

const arrived = async ({ id }: WAMessage) => {
  const message = await talk.contact.waitForMessage((one) => one.id === id.split('_')[2]);
  return { message: message.message, bytes: talk.contact.download(message) };
};

const pdf = Buffer.concat([Buffer.from('%PDF-1.7'), randomBytes(200_000)]);
const file = new Blob([pdf], { type: 'application/pdf' });

describe('a file in a multipart form', () => {
  it('arrives byte for byte, with its caption and its name', async () => {
    const answer = await post('/api/sendFile', { file, caption: 'Read this' });
    expect(answer.status).toBe(201);
    const { message, bytes } = await arrived(answer.body);
    expect(bytes.equals(pdf)).toBe(true);
    const inner = message.documentWithCaptionMessage?.message?.documentMessage ?? message.documentMessage;
    expect(inner).toMatchObject({ fileName: 'own name.pdf', mimetype: 'application/pdf', caption: 'Read this' });
  });

  it('is sent once under one Idempotency-Key, and another file under it is refused', async () => {
    const headers = { 'idempotency-key': 'form-1' };
    const first = await post('/api/sendFile', { file }, headers);
    const again = await post('/api/sendFile', { file }, headers);
    expect([again.status, again.body.id, again.headers.get('idempotent-replayed')]).toEqual([
      201,
      first.body.id,
      'true',
    ]);
    const other = await post('/api/sendFile', { file: new Blob(['%PDF-other'], { type: 'application/pdf' }) }, headers);
    expect(other.status).toBe(422);
  });

  it('is refused when it is empty, or plainly something else', async () => {
    expect((await post('/api/sendFile', { file: new Blob([]) })).status).toBe(400);
    const picture = await post('/api/sendImage', { file });
    expect([picture.status, picture.body]).toEqual([422, expect.objectContaining({ error: 'Unprocessable Entity' })]);
  });

  it('is one for the routes that send files only', async () => {
    expect((await post('/api/sendText', { text: 'x' })).status).toBe(400);
  });
});
