import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const start = join(root, 'docs/README.md');
const pages = [
  join(root, 'README.md'),
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(root, 'docs', name)),
];

interface Link {
  readonly text: string;
  readonly target: string;
}

/** Links of a page, without what stands in its examples. */
const linksOf = (file: string): Link[] =>
  [...withoutExamples(readFileSync(file, 'utf8')).matchAll(/\[([^\]\n]+)\]\(([^)\s]+)\)/g)].map(
    ([, text = '', target = '']) => ({ text, target }),
  );

const withoutExamples = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '');

/** The name that a heading gets where Markdown is shown. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** A section by its anchor, with what is below it; the whole page without one. Null when there is none. */
const section = (file: string, anchor: string): string | null => {
  const lines = readFileSync(file, 'utf8').split('\n');
  if (anchor === '') return lines.join('\n');
  const level = (line: string): number => /^(#+) /.exec(line)?.[1]?.length ?? 0;
  const from = lines.findIndex((line) => level(line) > 0 && anchorOf(line.replace(/^#+ /, '')) === anchor);
  if (from < 0) return null;
  const length = lines.slice(from + 1).findIndex((line) => level(line) > 0 && level(line) <= level(lines[from] ?? ''));
  return lines.slice(from, length < 0 ? undefined : from + 1 + length).join('\n');
};

const found = (file: string, target: string): string | null => {
  const [path = '', anchor = ''] = target.split('#');
  const page = path === '' ? file : resolve(dirname(file), path);
  if (!existsSync(page)) return null;
  return page.endsWith('.md') ? section(page, anchor) : '';
};

/** What a newcomer asks, by words of the question, and what an answer has to say. */
const answers: readonly (readonly [question: RegExp, answer: RegExp])[] = [
  [/install and start/, /npm install waha-runtime[\s\S]+npx waha start/],
  [/without a phone/, /sandbox\/phones/],
  [/QR code/, /GET \/api\/\{session\}\/auth\/qr/],
  [/without a camera/, /auth\/request-code/],
  [/Which address and key/, /X-Api-Key/],
  [/Which commands/, /waha doctor/],
  [/first bot/, /Python[\s\S]+n8n|n8n[\s\S]+Python/],
  [/picture, a document/, /base64[\s\S]+64 MB/],
  [/form does a phone number/, /@c\.us[\s\S]+@g\.us/],
  [/receive messages/, /`POST` with the event as JSON/],
  [/comes from my server/, /webhook-signature[\s\S]+hmac\.key/],
  [/my webhook is down/, /retries[\s\S]+delaySeconds/],
  [/received files/, /lifetimeSeconds/],
  [/older messages/, /fullSync/],
  [/create a group/, /\/api\/\{session\}\/groups[\s\S]+participants\/add/],
  [/blocked for sending/, /cap|pause|delay/],
  [/send a message later/, /sendAt/],
  [/how many sessions/, /MB of memory/],
  [/Docker/, /Dockerfile[\s\S]+systemd[\s\S]+nginx/],
  [/before the server is public/, /TLS/],
  [/may do less/, /`read`[\s\S]+`send`/],
  [/back it up/, /waha backup[\s\S]+waha restore/],
  [/upgrade/, /make a backup[\s\S]+new version/],
  [/monitor/, /\/health[\s\S]+\/metrics/],
  [/does a session not work/, /qr_timeout/],
  [/proxy/, /socks5/],
  [/several processes/, /configs\/cluster\.yaml/],
  [/environment variables/, /WAHA_API_KEY/],
  [/without a scan/, /waha import[\s\S]+Evolution/],
  [/Chatwoot/, /inbox/i],
  [/AI agent/, /POST \/mcp|waha mcp/],
  [/write a plugin/, /definePlugin/],
];

describe('a newcomer', () => {
  const questions = linksOf(start).filter(({ text }) => text.endsWith('?'));

  it('finds the start page in the README, and the README in the start page', () => {
    expect(linksOf(join(root, 'README.md')).map(({ target }) => target)).toContain('docs/README.md');
    expect(questions.length).toBeGreaterThanOrEqual(20);
    expect(answers).toHaveLength(questions.length);
  });

  it.each(questions.map(({ text, target }) => [text, target]))('finds in two clicks: %s', (question, target) => {
    const wanted = answers.filter(([words]) => words.test(question));
    expect(wanted).toHaveLength(1);
    expect(found(start, target)).toMatch(wanted[0]?.[1] ?? /never/);
  });
});

describe('the pages', () => {
  it('lead only to what is there: files, and sections of pages', () => {
    const broken = pages.flatMap((file) =>
      linksOf(file)
        .filter(({ target }) => !/^[a-z]+:/.test(target) && found(file, target) === null)
        .map(({ target }) => `${file.slice(root.length)} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('are all reached from the README within two clicks', () => {
    const step = (from: readonly string[]): string[] =>
      from
        .flatMap((file) => linksOf(file).map(({ target }) => resolve(dirname(file), target.split('#')[0] ?? '')))
        .filter((file) => pages.includes(file));
    const first = step([join(root, 'README.md')]);
    const reached = new Set([join(root, 'README.md'), ...first, ...step(first)]);
    expect(pages.filter((file) => !reached.has(file))).toEqual([]);
  });
});
