import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiKey } from '../support/deployment.ts';
import { World } from '../support/world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const [owner, shop] = ['4915200022001', '4915200022002'];
const pace = { perMinute: 6000, burst: 1000 };
let world: World;
/** What stands in a document for what exists in this world. */
const real: Record<string, string> = {};

beforeAll(async () => {
  world = await World.start({ plugins: () => [{ use: 'pacing', config: { known: pace, new: pace } }] });
  const { sandbox } = world;
  for (const number of [owner, shop]) sandbox.phone(number, { name: 'Shop' });
  await world.link('default', owner);
  await world.link('shop', shop, { noweb: { store: { enabled: true } } });
  const group = sandbox.group({ subject: 'Shop', owner, participants: ['15550109'] });
  const other = sandbox.group({ subject: 'Others', owner: '15550109', participants: [] });
  group.requests.set('15550102', { method: 'invite_link', at: 1_700_000_000 });
  const news = sandbox.channels.create({ name: 'News', owner: '15550109' });
  news.post('15550109', 'Weather');
  Object.assign(real, {
    '120363000000000001@g.us': group.jid,
    '111111111@lid': sandbox.contact('15550109').lid,
    AbCdEfGhIjKlMnOpQrStUv: other.inviteCode,
    '0029Va4K0PZ5a245NkngBA2M': news.inviteCode,
  });
  await world.api.get('/api/default/groups');
});
afterAll(() => world.close());

const examplesIn = (path: string): string =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/```(?:sh|bash)\n([\s\S]*?)```/g)]
    .map(([, block]) => block)
    .join('\n');

/** Runs them as a reader would, but for the address and the names; one that is refused ends it. */
const play = async (path: string): Promise<string> => {
  const address = world.api.url.replace(/^http:\/\//, '');
  let script = examplesIn(path).replaceAll('localhost:3000', address);
  for (const [shown, is] of Object.entries(real)) script = script.replaceAll(shown, is);
  const strict =
    'set -euo pipefail\ncurl() { command curl -sS --fail-with-body "$@" || { echo "REFUSED: $*"; return 1; }; }\n';
  const { stdout } = await run('bash', ['-c', strict + script], { env: { ...process.env, KEY: apiKey } }).catch(
    (error: { stdout: string; stderr: string }) => ({ stdout: `${error.stdout}${error.stderr}\nREFUSED` }),
  );
  return stdout;
};

it.each(['docs/groups.md', 'docs/channels-and-status.md', 'docs/pacing.md'])(
  '%s has examples that work',
  async (path) => {
    expect(examplesIn(path)).toContain('curl');
    expect(await play(path)).not.toContain('REFUSED');
  },
);
