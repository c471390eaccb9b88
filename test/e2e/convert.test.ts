import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conversation } from '../support/conversation.ts';
import { apiKey } from '../support/deployment.ts';

const talk = conversation();
const { session } = talk;

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('ffmpeg is not installed: the tests that convert with it are skipped');

/** A file that ffmpeg makes up. */
const made = (name: string, ...args: string[]): Buffer => {
  const path = join(talk.world.outside.folder, name);
  const { status, stderr } = spawnSync('ffmpeg', ['-loglevel', 'error', '-y', '-f', 'lavfi', ...args, path]);
  if (status !== 0) throw new Error(stderr.toString());
  return readFileSync(path);
};
const sound = () => made('sound.wav', '-i', 'sine=frequency=440:duration=0.3');
const film = () => made('film.gif', '-i', 'testsrc=size=65x49:rate=5:duration=0.4');

const convert = async (
  kind: 'voice' | 'video',
  body: BodyLike,
  headers: Record<string, string> = {},
  name = session,
) => {
  const isForm = body instanceof FormData;
  const answer = await fetch(`${talk.world.api.url}/api/${name}/media/convert/${kind}`, {
    method: 'POST',
    body: isForm ? body : JSON.stringify(body),
    headers: { 'x-api-key': apiKey, ...(isForm ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const json = answer.headers.get('content-type')?.includes('json') ? JSON.parse(bytes.toString()) : undefined;
  return { status: answer.status, type: answer.headers.get('content-type'), bytes, json };
};
type BodyLike = FormData | { readonly data?: string; readonly url?: string };

describe.skipIf(!hasFfmpeg)('with ffmpeg', () => {
  it('sound becomes a voice message', async () => {
    const data = sound().toString('base64');
    const { status, type, bytes } = await convert('voice', { data });
    expect([status, type]).toEqual([201, 'audio/ogg; codecs=opus']);
    expect([bytes.subarray(0, 4).toString(), bytes.includes('OpusHead')]).toEqual(['OggS', true]);
    const { json } = await convert('voice', { data }, { accept: 'application/json' });
    expect(json.mimetype).toBe('audio/ogg; codecs=opus');
    expect(Buffer.from(json.data, 'base64').subarray(0, 4).toString()).toBe('OggS');
  });

  it('a video becomes mp4, also one of an odd size that came in a form', async () => {
    const form = new FormData();
    form.append('file', new Blob([film()]), 'film.gif');
    const { status, type, bytes } = await convert('video', form);
    expect([status, type]).toEqual([201, 'video/mp4']);
    expect([bytes.subarray(4, 8).toString(), bytes.includes('avc1')]).toEqual(['ftyp', true]);
  });

  it.each(['voice', 'video'] as const)('a %s says nothing of where, when and by whom it was made', async (kind) => {
    const traces = ['location=+48.1371+011.5753/', 'title=Anna', 'artist=Berta', 'comment=Clara', 'date=1999'];
    const tags = traces.flatMap((tag) => ['-metadata', tag, '-metadata:s:0', tag]);
    const chapters = join(talk.world.outside.folder, 'chapters.txt');
    writeFileSync(chapters, ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=200\ntitle=Dora\n');
    const source = kind === 'voice' ? 'sine=duration=0.3' : 'testsrc=size=64x48:rate=5:duration=0.4';
    const file = made(`traces-${kind}.mkv`, '-i', source, '-i', chapters, '-map_metadata', '1', '-map', '0', ...tags);
    expect(file.includes('Berta') && file.includes('Dora')).toBe(true);
    const { status, bytes } = await convert(kind, { data: file.toString('base64') });
    expect(status).toBe(201);
    const kept = ['48.1371', 'Anna', 'Berta', 'Clara', 'Dora', '1999'].filter((trace) => bytes.includes(trace));
    expect(kept).toEqual([]);
  });

  it('what is sent with `convert: true` arrives converted', async () => {
    const file = { data: sound().toString('base64'), mimetype: 'audio/wav' };
    const { message, file: content } = await talk.delivered('/api/sendVoice', { file, convert: true });
    expect(message.audioMessage).toMatchObject({ mimetype: 'audio/ogg; codecs=opus', ptt: true });
    const arrived = await talk.contact.waitForMessage((one) => one.message.audioMessage != null);
    expect(content().includes('OpusHead')).toBe(true);
    expect(arrived.message.audioMessage?.mimetype).toBe('audio/ogg; codecs=opus');
  });

  it.each([
    ['nonsense', 'nothing that sounds'],
    ['a playlist that names files of this machine', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'],
    ['a list of files to join', "ffconcat version 1.0\nfile '/etc/passwd'\n"],
  ])('%s is refused', async (_, text) => {
    const { status, json } = await convert('voice', { data: Buffer.from(text).toString('base64') });
    expect([status, json.message]).toEqual([422, expect.stringMatching(/^the file could not be converted: /)]);
    expect(json.message).not.toContain('/tmp');
  });
});

describe('a conversion', () => {
  it('needs a file, and a session', async () => {
    expect((await convert('voice', {})).status).toBe(400);
    expect((await convert('voice', { data: 'AAAA' }, {}, 'nobody')).status).toBe(404);
    expect((await convert('video', { data: Buffer.from('%PDF-1.7').toString('base64') })).status).toBe(422);
    expect((await convert('voice', { url: 'http://169.254.169.254/x' })).status).toBe(400);
  });
});
