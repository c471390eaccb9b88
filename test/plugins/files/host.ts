import { createHash } from 'node:crypto';
import {
  type Distribution,
  definePlugin,
  type Files,
  Points,
  type ReceivedFile,
  type Sample,
  Tokens,
  type WAMedia,
} from '../../../core/index.ts';
import { createTestHost, type TestHost } from '../../../core/testing/index.ts';
import filesPlugin from '../../../plugins/files/index.ts';
import webhookPlugin from '../../../plugins/webhook/index.ts';
import { MemoryStorage } from './memory-storage.ts';

const hookUrl = 'https://hooks.example/x';

/** The files plugin with a storage in memory, a webhook, and the way to hand it files as an engine does. */
export class FilesHost {
  readonly storage = new MemoryStorage();
  host!: TestHost;
  files!: Files;
  #count = 0;
  #figures: () => readonly (Sample | Distribution)[] = () => [];

  static async start(
    config: object = {},
    more: readonly object[] = [],
    before: (storage: MemoryStorage) => void = () => undefined,
  ): Promise<FilesHost> {
    const self = new FilesHost();
    before(self.storage);
    const probe = definePlugin({
      name: 'probe',
      needs: { files: Tokens.Files },
      setup({ services, contribute, contributions, onReady }) {
        onReady(() => {
          self.#figures = () => contributions(Points.Metrics).flatMap(({ value }) => value.collect());
        });
        self.files = services.files;
        contribute(Points.FileStorage, self.storage);
      },
    });
    const retries = { policy: 'constant', delaySeconds: 10, attempts: 1000 };
    const webhook = { use: webhookPlugin, config: { url: hookUrl, events: ['message'], retries } };
    self.host = await createTestHost({
      plugins: [{ use: filesPlugin, config }, probe, webhook, ...(more as [])],
      sessions: ['default', 'other'],
    });
    return self;
  }

  /** A file as an engine hands it over; a fresh message each time. */
  file(content: string, more: Partial<ReceivedFile> = {}): ReceivedFile {
    const bytes = Buffer.from(content);
    return {
      session: 'default',
      messageId: `false_123456@c.us_3EB0${++this.#count}`,
      mimetype: 'text/plain',
      filename: null,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      async *fetch() {
        yield bytes;
      },
      ...more,
    };
  }

  /** Receives a file and publishes the message that it belongs to. */
  async message(content: string, more: Partial<ReceivedFile> = {}): Promise<WAMedia> {
    const file = this.file(content, more);
    const media = await this.files.receive(file);
    await this.host.emit('message', { id: file.messageId, hasMedia: true, media }, { session: file.session });
    return media;
  }

  /** A figure of `/metrics`. */
  figure(name: string, labels: object = {}): number | undefined {
    const same = (sample: Sample | Distribution) =>
      sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels);
    const found = this.#figures().find(same);
    return found && 'value' in found ? found.value : undefined;
  }

  async status(media: WAMedia): Promise<number> {
    return (await this.host.request('GET', media.url ?? '')).status;
  }

  /** Whether receivers take webhooks from now on. */
  receivers(work: boolean): void {
    this.host.http.answers(({ url }) => (url === hookUrl && !work ? { status: 500 } : {}));
  }
}
