import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conversation } from '../support/conversation.ts';
import { louderTone } from '../support/wav.ts';

const talk = conversation();
const pdf = Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n');

/** A server that calls everything octets, as object storage does. */
const server = createServer((request, response) => {
  const headers = { 'content-type': 'application/octet-stream' };
  const named = request.url?.startsWith('/named') ? { 'content-disposition': 'attachment; filename="offer.pdf"' } : {};
  response.writeHead(200, { ...headers, ...named }).end(pdf);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());
const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

describe('a document', () => {
  it.each([
    ['as base64 with a name', () => ({ data: pdf.toString('base64'), filename: 'contract.pdf' }), 'contract.pdf'],
    ['as base64 without any', () => ({ data: pdf.toString('base64') }), 'file.pdf'],
    ['called octets', () => ({ data: pdf.toString('base64'), mimetype: 'application/octet-stream' }), 'file.pdf'],
    ['by a URL that names it', () => ({ url: url('/files/contract.pdf?sig=1') }), 'contract.pdf'],
    ['by a server that names it', () => ({ url: url('/named/123') }), 'offer.pdf'],
    ['by a server that says nothing', () => ({ url: url('/123') }), 'file.pdf'],
  ])('%s goes out as what it is', async (_, file, fileName) => {
    const { message } = await talk.delivered('/api/sendFile', { file: file() });
    expect(message.documentMessage).toMatchObject({ mimetype: 'application/pdf', fileName });
  });
});

/** A picture of two frames. */
const moving = async (format: 'gif' | 'webp') => {
  const frame = (r: number) =>
    sharp({ create: { width: 40, height: 20, channels: 4, background: { r, g: 0, b: 0, alpha: 1 } } })
      .png()
      .toBuffer();
  const frames = await Promise.all([frame(0), frame(255)]);
  const joined = sharp(frames, { join: { animated: true } });
  return format === 'gif'
    ? joined.gif({ delay: [100, 100], loop: 0 }).toBuffer()
    : joined.webp({ delay: [100, 100], loop: 0 }).toBuffer();
};
const still = (format: 'png' | 'jpeg' | 'webp') =>
  sharp({ create: { width: 30, height: 60, channels: 3, background: '#0f0' } })
    .toFormat(format)
    .toBuffer();

describe('a sticker', () => {
  const sent = async (picture: Buffer, body: object = {}) => {
    const { sent, message, file } = await talk.delivered('/api/sendSticker', {
      file: { data: picture.toString('base64') },
      ...body,
    });
    expect(sent).toMatchObject({ hasMedia: true });
    return { sticker: message.stickerMessage, content: file() };
  };

  it.each([
    ['stands still', () => still('webp'), false],
    ['moves', () => moving('webp'), true],
  ] as const)('that %s goes out as it is', async (_, picture, isAnimated) => {
    const bytes = await picture();
    const { sticker, content } = await sent(bytes);
    expect(sticker).toMatchObject({ mimetype: 'image/webp', isAnimated });
    expect(content.equals(bytes)).toBe(true);
  });

  it.each([
    ['a PNG', () => still('png'), 1],
    ['a JPEG', () => still('jpeg'), 1],
    ['a GIF that moves', () => moving('gif'), 2],
    ['a WebP that moves', () => moving('webp'), 2],
  ] as const)('is made of %s when asked for, square, and goes on moving', async (_, picture, frames) => {
    const { sticker, content } = await sent(await picture(), { convert: true });
    expect(sticker).toMatchObject({ mimetype: 'image/webp', isAnimated: frames > 1 });
    const made = await sharp(content, { animated: true }).metadata();
    expect([made.format, made.width, made.pageHeight ?? made.height, made.pages ?? 1]).toEqual([
      'webp',
      512,
      512,
      frames,
    ]);
  });

  it('is refused with the way out when it is no WebP, or no picture', async () => {
    const file = { data: (await still('png')).toString('base64') };
    const answer = await talk.send('/api/sendSticker', { chatId: talk.chatId, file });
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([422, expect.stringContaining('convert: true')]);
    const none = await talk.send('/api/sendSticker', {
      chatId: talk.chatId,
      file: { data: pdf.toString('base64') },
      convert: true,
    });
    expect(none.status).toBe(422);
  });

  it('is refused when its file has no bytes', async () => {
    for (const data of ['x', '1=='])
      for (const convert of [false, true]) {
        const answer = await talk.send('/api/sendSticker', { chatId: talk.chatId, file: { data }, convert });
        expect([data, convert, answer.status, answer.body.message]).toEqual([
          data,
          convert,
          400,
          ['file must not be empty'],
        ]);
      }
  });
});

describe('a voice message', () => {
  const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
  it.each([['as it is', {}], ...(hasFfmpeg ? [['after conversion', { convert: true }] as const] : [])] as const)(
    'carries its length and its waveform %s',
    async (_, body) => {
      const file = { data: louderTone().toString('base64'), mimetype: 'audio/wav' };
      const { message } = await talk.delivered('/api/sendVoice', { file, ...body });
      const { seconds, waveform, ptt } = message.audioMessage ?? {};
      expect([seconds, ptt]).toEqual([1, true]);
      const shape = [...(waveform ?? [])];
      expect(shape).toHaveLength(64);
      expect(Math.max(...shape)).toBe(100);
      expect(shape.slice(0, 8).every((one) => one < 40)).toBe(true);
    },
  );
});
