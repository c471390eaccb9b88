import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { didYouMean } from '../../../core/config/validate.ts';
import { unhonoured, variables } from '../../../plugins/waha-env/variables.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
const yaml = read('configs/waha-env.yaml');
const page = read('docs/from-waha.md');
const names = Object.keys(variables);

describe("WAHA's environment", () => {
  it('is read by configs/waha-env.yaml where it says so, and nowhere else', () => {
    const inYaml = new Set([...yaml.matchAll(/\$\{([A-Z_0-9]+)/g)].map(([, name = '']) => name));
    const honoured = names.filter((name) => variables[name] === 'honoured');
    expect(honoured.filter((name) => !inYaml.has(name))).toEqual([]);
    expect(names.filter((name) => variables[name] !== 'honoured' && inYaml.has(name))).toEqual([]);
  });

  it('is in docs/from-waha.md, each variable with the same words', () => {
    for (const name of names) expect(page).toContain(`\`${name}\``);
    const advice = unhonoured(Object.fromEntries(names.map((name) => [name, 'true'])), () => '');
    for (const words of advice.values()) expect(page).toContain(words);
  });

  it('is told where it has no effect, with what to do, and never with its value', () => {
    const env = {
      WAHA_MEDIA_STORAGE: 'S3',
      WAHA_S3_SECRET_ACCESS_KEY: 'very secret',
      WAHA_S3_PROXY_FILES: 'false',
      WAHA_MEDIA_POSTGRESQL_URL: 'postgres://user:secret@host/media',
      WHATSAPP_DEFAULT_ENGINE: 'WEBJS',
      WHATSAPP_SESSIONS_POSTGRESQL_URL: 'postgres://user:secret@host/db',
      WAHA_DASHBOARD_USERNAME: 'admin',
      WAHA_API_KEY: 'k',
      WHATSAPP_HOOK_EVENT: 'message',
    };
    const told = unhonoured(env, didYouMean);
    expect([...told.keys()]).toEqual([
      'WAHA_MEDIA_POSTGRESQL_URL',
      'WAHA_S3_PROXY_FILES',
      'WHATSAPP_DEFAULT_ENGINE',
      'WHATSAPP_HOOK_EVENT',
      'WHATSAPP_SESSIONS_POSTGRESQL_URL',
    ]);
    expect([...told.values()].join()).not.toMatch(/secret@|very secret/);
    expect(told.get('WHATSAPP_HOOK_EVENT')).toContain("did you mean 'WHATSAPP_HOOK_EVENTS'?");
  });

  it('is not told where it asks for what is so anyway, or for nothing', () => {
    const env = {
      WHATSAPP_DEFAULT_ENGINE: 'noweb',
      WAHA_MEDIA_STORAGE: 'LOCAL',
      WAHA_DEBUG_MODE: 'False',
      REDIS_URL: ' ',
    };
    expect(unhonoured(env, didYouMean).size).toBe(0);
  });
});

describe('docs/from-waha.md', () => {
  it('has compose files that can be read, and whose variables after the move all have an effect', () => {
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => parse(block));
    expect(blocks).toHaveLength(6);
    for (const { services } of blocks.filter((_, index) => index % 2 === 1)) {
      const { command = [], environment } = services.waha;
      const told = unhonoured(environment, didYouMean);
      if (command.includes('configs/postgres.yaml')) told.delete('WHATSAPP_SESSIONS_POSTGRESQL_URL');
      expect([...told]).toEqual([]);
    }
  });
});
