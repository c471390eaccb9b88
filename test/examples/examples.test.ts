import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { loadConfig } from '../../core/config/load.ts';
import { startRuntime } from '../../core/runtime.ts';
import { silentLog } from '../support/log.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'waha-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const yaml = `plugins:
  - use: ${examples}/snapshot-database
    config: { file: state.snapshot }
  - use: ${examples}/json-lines-sink
    config: { file: events.jsonl }
  - use: ${examples}/echo-bot
    as: loud-echo
    config: { prefix: '> ' }
    sessions: { include: [support-*] }
  - use: ${examples}/office-hours
    config: { opens: 8 }
    sessions: { override: { sales: { config: { closes: 20 } } } }
  - use: ${examples}/broadcast-route
  - use: ${examples}/careful-sender
sessions: [sales]
`;

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

it('every example loads from a YAML file, and what the sink heard is in its file', async () => {
  const config = loadConfig(write('waha.config.yaml', yaml));
  const runtime = await startRuntime({ config, builtins: {}, log: silentLog });
  expect(runtime.plugins.map(({ name, state, sessions }) => [name, state, sessions])).toEqual([
    ['snapshot-database', 'ready', undefined],
    ['json-lines-sink', 'ready', undefined],
    ['loud-echo', 'ready', ['support-*']],
    ['office-hours', 'ready', undefined],
    ['broadcast-route', 'ready', undefined],
    ['careful-sender', 'ready', undefined],
  ]);
  await runtime.sessions.start('sales');
  await runtime.stop();
  expect(readFileSync(join(folder, 'events.jsonl'), 'utf8')).toContain('"event":"session.status"');
});

it('a wrong config of the echo bot is told with file and line, an override with its own', async () => {
  const wrong = yaml.replace("prefix: '> '", "prefx: '> '").replace('closes: 20', 'closes: late');
  const config = loadConfig(write('wrong.yaml', wrong));
  const starting = startRuntime({ config, builtins: {}, log: silentLog });
  await expect(starting).rejects.toThrow(
    /wrong\.yaml:8: plugins\.loud-echo\.config\.prefx is unknown; did you mean 'prefix'\?/,
  );
  await expect(starting).rejects.toThrow(
    /wrong\.yaml:12: plugins\..*office-hours\.sessions\.override\.sales\.config\.closes must be integer/,
  );
});
