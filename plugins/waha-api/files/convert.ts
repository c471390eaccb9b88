import { spawn } from 'node:child_process';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileContent, type Static, Type, temporaryFolder, unprocessable } from 'waha-runtime';
import { FairTurns } from './fair-turns.ts';
import { MAX_FILE_BYTES } from './fetch.ts';

/** How files are converted. */
export const ConvertConfig = Type.Object(
  {
    ffmpeg: Type.String({ default: 'ffmpeg', description: 'The program: its path, or its name in the PATH' }),
    seconds: Type.Integer({ minimum: 1, maximum: 110, default: 100, description: 'How long one conversion may take' }),
    parallel: Type.Integer({ minimum: 1, default: 2, description: 'How many go on at the same time' }),
    waiting: Type.Integer({
      minimum: 0,
      default: 20,
      description: 'How many wait for their turn before one is refused',
    }),
  },
  { default: {}, description: 'Conversion of voice messages and videos by the ffmpeg of the system' },
);
export type ConvertConfig = Static<typeof ConvertConfig>;

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

/** Containers of sound and pictures only. Playlists are left out: they make ffmpeg read other files and addresses. */
const formats = [
  ...['aac', 'aiff', 'amr', 'asf', 'avi', 'caf', 'flac', 'flv', 'gif', 'matroska', 'webm', 'mov', 'mp4', 'm4a', '3gp'],
  ...['mp3', 'mpeg', 'mpegts', 'ogg', 'wav'],
].join(',');
/** Where a file was made, by whom and under which title is nobody's business: nothing but sound and pictures is kept. */
const anonymously = ['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'];
const safely = ['-protocol_whitelist', 'file', '-format_whitelist', formats];

export type Conversion = keyof typeof recipes;

/** What is to be converted, and for which session. */
export interface ConversionRequest {
  readonly session: string;
  readonly content: FileContent;
  readonly kind: Conversion;
}

/** What came out, as long as `use` runs. */
export interface Converted {
  readonly path: string;
  readonly size: number;
  readonly mimetype: string;
}

/** Converts by the system's ffmpeg into what phones play: a few at a time, none for long, each ending with its request. */
export class Converter {
  readonly #config: ConvertConfig;
  readonly #turns: FairTurns;

  constructor(config: ConvertConfig) {
    this.#config = config;
    this.#turns = new FairTurns(config);
  }

  /** Hands the result to `use`. Without ffmpeg, or when it fails, rejects with `UNPROCESSABLE`; with too many, `TOO_MANY_REQUESTS`. */
  async convert<T>(
    { session, content, kind }: ConversionRequest,
    signal: AbortSignal,
    use: (converted: Converted) => Promise<T>,
  ): Promise<T> {
    const { out, mimetype, options } = recipes[kind];
    const folder = await temporaryFolder('convert');
    try {
      // A file, not a pipe: in an mp4 the index may stand at the end.
      const to = join(folder, out);
      const from = content instanceof Uint8Array ? join(folder, 'in') : content.path;
      if (content instanceof Uint8Array) await writeFile(from, content, { mode: 0o600 });
      const limit = ['-fs', String(MAX_FILE_BYTES + 1)];
      const quietly = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y'];
      const args = [...quietly, ...safely, '-i', `file:${from}`, ...anonymously, ...options, ...limit, to];
      await this.#turns.run(session, signal, () => this.#run(args, signal));
      const { size } = await stat(to);
      if (size > MAX_FILE_BYTES) throw unprocessable('the converted file is too large');
      return await use({ path: to, size, mimetype });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #run(args: readonly string[], signal: AbortSignal): Promise<void> {
    const { ffmpeg, seconds } = this.#config;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(unprocessable('the request was given up'));
      const limits = { timeout: seconds * 1000, killSignal: 'SIGKILL', signal } as const;
      const child = spawn(ffmpeg, args, { stdio: ['ignore', 'ignore', 'pipe'], ...limits });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString('utf8')).slice(-500);
      });
      child.on('error', (error) => {
        if (error.name === 'AbortError') reject(unprocessable('the request was given up'));
        else reject(unprocessable('this server has no ffmpeg to convert with; send the file with convert: false'));
      });
      child.once('close', (code, killed) => {
        if (code === 0) return resolve();
        const why = killed ? `it took more than ${seconds} s` : lastLine(said) || `ffmpeg ended with ${code}`;
        reject(unprocessable(`the file could not be converted: ${why}`));
      });
    });
  }
}

/** Without the place of the temporary file. */
const lastLine = (text: string): string =>
  (text.trim().split('\n').at(-1) ?? '').replace(/file:\S+(?=:)/g, 'the file').slice(0, 200);
