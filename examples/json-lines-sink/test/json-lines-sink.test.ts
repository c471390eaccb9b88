import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeEvent } from 'waha-runtime';
import { describeSink } from 'waha-runtime/testing/conformance';
import jsonLinesSink from '../index.ts';

let folder = '';

describeSink('json-lines', jsonLinesSink, {
  config: () => {
    folder = mkdtempSync(join(tmpdir(), 'json-lines-'));
    return { file: join(folder, 'events.jsonl') };
  },
  read: () => {
    const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n').filter(Boolean);
    return lines.map((line): RuntimeEvent => JSON.parse(line));
  },
  afterEach: () => rmSync(folder, { recursive: true }),
});
