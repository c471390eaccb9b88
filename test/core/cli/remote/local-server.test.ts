import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseServer } from '../../../../core/cli/remote/local-server.ts';
import { temporaryFolder } from '../../../support/deployment.ts';

const folder = temporaryFolder();
const file = join(folder.path, 'waha.config.yaml');
const write = (express: string): void =>
  writeFileSync(file, `plugins:\n  - use: waha-api\n  - use: express\n    config: ${express}\n`);

beforeEach(() => {
  for (const name of ['WHATSAPP_API_PORT', 'WAHA_API_KEY']) vi.stubEnv(name, undefined);
  writeFileSync(join(folder.path, 'waha.key'), 'of-the-file\n');
  write(`{ port: "\${WHATSAPP_API_PORT:-4001}", apiKey: "\${WAHA_API_KEY:-\${file:waha.key}}" }`);
  return () => vi.unstubAllEnvs();
});
afterAll(() => folder.remove());

describe('the server of a command', () => {
  it('is the one that the config file describes, with its key', () => {
    expect(chooseServer({}, file)).toEqual({ url: 'http://localhost:4001', apiKey: 'of-the-file' });
    expect(chooseServer({ url: 'http://127.0.0.1:4001/' }, file)).toMatchObject({ apiKey: 'of-the-file' });
  });

  it('is the one that was given, and the key of the file goes nowhere else', () => {
    const url = 'https://waha.example.org';
    expect(chooseServer({ url }, file)).toEqual({ url });
    expect(chooseServer({ url: 'http://localhost:4002' }, file)).toEqual({ url: 'http://localhost:4002' });
    expect(chooseServer({ url, apiKey: 'mine' }, file)).toEqual({ url, apiKey: 'mine' });
    expect(chooseServer({ apiKey: 'mine' }, file)).toEqual({ url: 'http://localhost:4001', apiKey: 'mine' });
  });

  it('is the usual one without a file, or with one that says nothing of use', () => {
    const usual = { url: 'http://localhost:3000' };
    expect(chooseServer({}, join(folder.path, 'none.yaml'))).toEqual(usual);
    writeFileSync(file, 'plugins: [');
    expect(chooseServer({}, file)).toEqual(usual);
    write(`{ apiKey: "sha512:${'0'.repeat(128)}" }`);
    expect(chooseServer({}, file)).toEqual(usual);
  });
});
