import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileContent, unprocessable } from 'waha-runtime';

const TIMEOUT_MS = 120_000;
const recipes = {
  voice: {
    out: 'voice.ogg',
    mimetype: 'audio/ogg; codecs=opus',
    options: ['-vn', '-c:a', 'libopus', '-b:a', '32k', '-ar', '48000', '-ac', '1', '-f', 'ogg'],
  },
  video: {
    out: 'video.mp4',
    mimetype: 'video/mp4',
    options: [
      ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-profile:v', 'main', '-preset', 'veryfast'],
      // Odd sizes are nothing for this codec.
      ...['-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2', '-c:a', 'aac', '-movflags', '+faststart', '-f', 'mp4'],
    ],
  },
} as const;

/** Converts by the system's ffmpeg into what phones play. Without one, or when it fails: `UNPROCESSABLE`. */
export const convert = async (
  content: FileContent,
  kind: keyof typeof recipes,
): Promise<{ content: Uint8Array; mimetype: string }> => {
  const { out, mimetype, options } = recipes[kind];
  const folder = await mkdtemp(join(tmpdir(), 'waha-convert-'));
  try {
    // A file, not a pipe: in an mp4 the index may stand at the end.
    const [from, to] = [join(folder, 'in'), join(folder, out)];
    if (content instanceof Uint8Array) await writeFile(from, content);
    else await copyFile(content.path, from);
    await run(['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-i', from, ...options, to]);
    return { content: await readFile(to), mimetype };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const run = (args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: TIMEOUT_MS });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-500);
    });
    child.once('error', () =>
      reject(unprocessable('this server has no ffmpeg to convert with; send the file with convert: false')),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(unprocessable(`the file could not be converted: ${lastLine(said) || `ffmpeg ended with ${code}`}`));
    });
  });

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
