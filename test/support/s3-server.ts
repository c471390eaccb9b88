import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';

/** A server on loopback that speaks S3 (s3rver), with one empty bucket. */
export class S3Server {
  readonly bucket = 'files';
  /** What s3rver takes. */
  readonly keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
  readonly url: string;
  readonly #server: S3rver;
  readonly #folder: string;

  private constructor(server: S3rver, folder: string, port: number) {
    this.#server = server;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<S3Server> {
    const folder = mkdtempSync(join(tmpdir(), 'waha-s3-'));
    const server = new S3rver({
      ...{ address: '127.0.0.1', port: 0, directory: folder, silent: true },
      configureBuckets: [{ name: 'files', configs: [] }],
    });
    const { port } = await server.run();
    return new S3Server(server, folder, port);
  }

  /** Nothing is in the bucket any more. */
  empty(): void {
    this.#server.reset();
  }

  async close(): Promise<void> {
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
