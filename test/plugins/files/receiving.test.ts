import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin, fileError, type ReceivedFile, Tokens } from '../../../core/index.ts';
import { settle } from '../../../core/testing/simulated-clock.ts';
import { isWanted } from '../../../plugins/files/config.ts';
import { keyOf, mimetypeOf } from '../../../plugins/files/names.ts';
import { rangeOf } from '../../../plugins/files/range.ts';
import { FilesHost } from './host.ts';

let host: FilesHost | undefined;
afterEach(async () => {
  await host?.host.close();
  host = undefined;
});
const start = async (config: object = {}) => {
  host = await FilesHost.start(config);
  return host;
};

/** Downloads that go on until they are let go, and how many there are. */
class Held {
  readonly running = new Set<string>();
  most = 0;
  readonly #release: (() => void)[] = [];

  of(file: ReceivedFile): ReceivedFile {
    const self = this;
    return {
      ...file,
      async *fetch(signal) {
        self.running.add(file.messageId);
        self.most = Math.max(self.most, self.running.size);
        try {
          await new Promise<void>((resolve, reject) => {
            self.#release.push(resolve);
            signal.addEventListener('abort', () => reject(signal.reason));
          });
          yield Buffer.from('held');
        } finally {
          self.running.delete(file.messageId);
        }
      },
    };
  }

  release(): void {
    for (const go of this.#release.splice(0)) go();
  }
}

describe('a file', () => {
  it('is kept in the storage that a plugin brings, and its media names the place there', async () => {
    const { files, file, storage } = bound(await start());
    const given = file('hello');
    const name = `${given.messageId}.txt`;
    expect(await files.receive(given)).toEqual({
      url: `/api/files/default/${name}`,
      mimetype: 'text/plain',
      filename: null,
      s3: { Bucket: 'memory', Key: `default/${name}` },
      error: null,
    });
    expect(storage.files.get(`default/${name}`)?.toString()).toBe('hello');
  });

  it('has a URL that begins with the address of this server', async () => {
    const server = definePlugin({
      name: 'server',
      provides: [Tokens.HttpServer],
      setup: ({ provide }) =>
        provide(Tokens.HttpServer, { url: 'http://127.0.0.1:3000', baseUrl: 'https://wa.example' }),
    });
    host = await FilesHost.start({}, [{ use: server }]);
    expect((await host.files.receive(host.file('x'))).url).toMatch(/^https:\/\/wa\.example\/api\/files\/default\//);
  });

  it('is fetched again when another content comes under its name, or it is no longer there', async () => {
    const { files, file, storage } = bound(await start());
    const first = file('one');
    await files.receive(first);
    await files.receive({ ...file('two'), messageId: first.messageId });
    expect([...storage.files.values()].map(String)).toEqual(['two']);
    storage.files.clear();
    await files.receive({ ...file('two'), messageId: first.messageId });
    expect([...storage.files.values()].map(String)).toEqual(['two']);
  });

  it('that is wrong at its end is not there', async () => {
    const { files, file, storage } = bound(await start());
    const fetch = async function* () {
      yield Buffer.from('almost');
      throw fileError('damaged', 'the file is damaged');
    };
    const media = await files.receive(file('x', { fetch }));
    expect([media.error, storage.files.size]).toEqual([{ code: 'damaged', message: 'the file is damaged' }, 0]);
  });

  it('that turns out larger than allowed is given up on the way', async () => {
    const { files, file } = bound(await start({ maxFileBytes: 10 }));
    let given = 0;
    const fetch = async function* () {
      for (; given < 100; given++) yield Buffer.from('12345');
    };
    expect((await files.receive(file('x', { size: null, fetch }))).error).toMatchObject({ code: 'too_large' });
    expect(given).toBeLessThan(5);
  });

  it('that cannot be stored says so', async () => {
    const { files, file, storage } = bound(await start());
    storage.fault = new Error('ENOSPC');
    expect((await files.receive(file('x'))).error).toEqual({
      code: 'storage',
      message: 'the file could not be stored: ENOSPC',
    });
  });

  it('whose download breaks off is tried once more', async () => {
    const { files, file, clock } = bound(await start());
    let tries = 0;
    const fetch = async function* () {
      yield Buffer.from('x');
      if (++tries === 1) throw new Error('socket hang up');
    };
    const receiving = files.receive(file('x', { fetch }));
    await settle();
    await clock.pass(1000);
    expect([(await receiving).error, tries]).toEqual([null, 2]);
  });
});

describe('downloads', () => {
  it('go on a few at a time, in all and of one session', async () => {
    const { files, file } = bound(await start({ parallel: { total: 3, session: 2 } }));
    const held = new Held();
    const ours = Array.from({ length: 4 }, () => files.receive(held.of(file('held'))));
    const others = Array.from({ length: 2 }, () => files.receive(held.of(file('held', { session: 'other' }))));
    await settle();
    expect([held.running.size, held.most]).toEqual([3, 3]);
    for (let round = 0; round < 3; round++) {
      held.release();
      await settle();
    }
    expect((await Promise.all([...ours, ...others])).map(({ error }) => error)).toEqual(Array(6).fill(null));
    expect(held.most).toBe(3);
  });

  it('end when their time is up, even when they do not listen', async () => {
    const { files, file, clock } = bound(await start({ downloadSeconds: 30, parallel: { total: 1 } }));
    const deaf = async function* (): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined);
    };
    const receiving = files.receive(file('x', { fetch: deaf }));
    const next = files.receive(file('y'));
    await settle();
    await clock.pass(30_000);
    expect((await receiving).error).toEqual({ code: 'timeout', message: 'the file did not arrive within 30 s' });
    expect((await next).error).toBeNull();
  });

  it('wait for their turn no longer than an event may', async () => {
    const { files, file, clock } = bound(
      await start({ downloadSeconds: 300, waitSeconds: 60, parallel: { total: 1 } }),
    );
    const held = new Held();
    const first = files.receive(held.of(file('x')));
    const second = files.receive(held.of(file('y')));
    await settle();
    await clock.pass(60_000);
    const late = { code: 'timeout', message: 'the file was not fetched within 60 s' };
    expect([(await first).error, (await second).error]).toEqual([late, late]);
  });

  it('end when the connection does', async () => {
    const { files, file } = bound(await start());
    const connection = new AbortController();
    const receiving = files.receive(new Held().of(file('x')), connection.signal);
    await settle();
    connection.abort();
    expect((await receiving).error).toMatchObject({ code: 'closed' });
    expect((await files.receive(file('y'), connection.signal)).error).toMatchObject({ code: 'closed' });
  });
});

describe('figures', () => {
  it('count what became of files', async () => {
    const { files, file, host: one } = bound(await start({ mimetypes: ['text'] }));
    const given = file('12345');
    await files.receive(given);
    await files.receive(given);
    await files.receive(file('x', { mimetype: 'image/png' }));
    const received = (outcome: string) => one.figure('waha_files_received_total', { outcome });
    expect([received('fetched'), received('known'), received('unwanted'), received('gone')]).toEqual([1, 1, 1, 0]);
    expect([one.figure('waha_files_kept'), one.figure('waha_files_received_bytes_total')]).toEqual([1, 5]);
  });
});

describe('which files are wanted', () => {
  const config = (mimetypes: string[], download = true) => ({ mimetypes, download }) as never;
  it.each([
    [[], 'anything/at-all', true],
    [['audio', 'image/png'], 'audio/ogg; codecs=opus', true],
    [['audio', 'image/png'], 'image/jpeg', false],
    [['image/*'], 'image/jpeg', true],
    [['image/'], 'IMAGE/JPEG', true],
    [['', ' video/ '], 'video/mp4', true],
    [['audio'], null, false],
  ])('%j and %j: %s', (mimetypes, mimetype, wanted) => {
    expect(isWanted(config(mimetypes), mimetype)).toBe(wanted);
  });

  it('none when downloads are off', () => {
    expect(isWanted(config([], false), 'image/png')).toBe(false);
  });
});

describe('the name of a file', () => {
  const nameOf = (messageId: string, mimetype: string | null = 'image/jpeg', filename: string | null = null) =>
    keyOf({ session: 'default', messageId, mimetype, filename }).name;

  it('is the id of its message, with the ending of its type', () => {
    expect(nameOf('false_123@c.us_3EB0')).toBe('false_123@c.us_3EB0.jpg');
    expect(nameOf('false_1-2@g.us_3EB0_9@lid', 'audio/ogg; codecs=opus')).toBe('false_1-2@g.us_3EB0_9@lid.oga');
    expect(nameOf('a', 'application/x-strange', 'Plan.DWG')).toBe('a.dwg');
    expect(nameOf('a', null, 'no ending')).toBe('a.bin');
    expect(nameOf('a', null, '../../etc/passwd.')).toBe('a.bin');
  });

  it('is a hash when the sender made up an id that is no name', () => {
    for (const id of ['false_1@c.us_../../x', 'false_1@c.us_a/b', `false_1@c.us_${'x'.repeat(300)}`, '.', 'ü']) {
      expect(nameOf(id)).toMatch(/^[0-9a-f]{40}\.jpg$/);
    }
    expect(nameOf('false_1@c.us_../a')).not.toBe(nameOf('false_1@c.us_../b'));
  });

  it('goes with a type that a header may carry', () => {
    expect(mimetypeOf('Audio/OGG; codecs=opus')).toBe('audio/ogg; codecs=opus');
    for (const bad of [
      'text/html\r\nset-cookie: a=b',
      'nonsense',
      '',
      null,
      'a/b; x="\u0000"',
      `a/${'b'.repeat(300)}`,
    ]) {
      expect(mimetypeOf(bad)).toBe('application/octet-stream');
    }
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-9', { start: 0, end: 9 }],
    ['bytes=90-', { start: 90, end: 99 }],
    ['bytes=90-1000', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', null],
    ['bytes=0-1,5-6', null],
    ['lines=0-1', null],
    ['bytes=-', null],
    [undefined, null],
  ])('%s of 100 bytes is %j', (header, range) => {
    expect(rangeOf(header, 100)).toEqual(range);
  });
});

const bound = (one: FilesHost) => ({
  files: one.files,
  storage: one.storage,
  file: one.file.bind(one),
  host: one,
  clock: one.host.clock,
});
