import { describe, expect, it } from 'vitest';
import { keepSecrets, maskSecrets, secretMask } from '../../../core/config/masked-secrets.ts';
import type { SessionConfig } from '../../../core/index.ts';

const hook = (url: string, key?: string, headers: Record<string, string> = {}) => ({
  url,
  events: ['message' as const],
  ...(key === undefined ? {} : { hmac: { key } }),
  customHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })),
});
const config: SessionConfig = {
  metadata: { secret: 'not one' },
  proxy: { server: 'socks5://user:in-the-url@proxy.example:1080', username: 'user', password: 'beside-it' },
  webhooks: [
    hook('https://a.example/', 'key-a', { Authorization: 'Bearer token-a' }),
    hook('https://b.example/', 'key-b'),
    hook('https://a.example/', 'key-c', { Authorization: 'Bearer token-c', 'X-Team': 'sales' }),
    hook('https://d.example/'),
  ],
};
const secrets = /in-the-url|beside-it|key-[abc]|token|sales/;

describe('the secrets of a config', () => {
  it('are masked, and nothing else is', () => {
    const shown = maskSecrets(config);
    expect(JSON.stringify(shown)).not.toMatch(secrets);
    expect(shown).toMatchObject({
      metadata: { secret: 'not one' },
      proxy: { server: `socks5://user:${secretMask}@proxy.example:1080`, username: 'user', password: secretMask },
      webhooks: [
        { url: 'https://a.example/', customHeaders: [{ name: 'Authorization', value: secretMask }] },
        {},
        {},
        {},
      ],
    });
    expect(shown.webhooks?.[3]).toEqual(config.webhooks?.[3]);
  });

  it('are unchanged when the answer is put back', () => {
    expect(keepSecrets(maskSecrets(config), config)).toEqual(config);
    expect(keepSecrets(config, {})).toEqual(config);
  });

  it('stay with their webhook when others are put before it, removed or changed', () => {
    const [a, b, c] = maskSecrets(config).webhooks ?? [];
    const next = { webhooks: [hook('https://new.example/', 'new'), { ...b!, events: ['*' as const] }, a!, c!] };
    const kept = keepSecrets(next, config).webhooks?.map(({ hmac }) => hmac?.key);
    expect(kept).toEqual(['new', 'key-b', 'key-a', 'key-c']);
  });

  it('take a new value beside masks', () => {
    const shown = maskSecrets(config);
    const next = keepSecrets({ ...shown, proxy: { ...shown.proxy!, password: 'newer' } }, config);
    expect(next.proxy).toEqual({ ...config.proxy, password: 'newer' });
  });

  it.each<[SessionConfig, string]>([
    [{ proxy: { server: 'proxy.example', password: secretMask } }, 'config.proxy.password'],
    [{ proxy: { server: `http://other:${secretMask}@proxy.example` } }, 'config.proxy.server'],
    [{ webhooks: [hook('https://other.example/', secretMask)] }, 'config.webhooks.0.hmac.key'],
    [{ webhooks: [hook('https://b.example/', 'x', { Other: secretMask })] }, 'config.webhooks.0.customHeaders.0.value'],
  ])('are asked for when a mask stands for none: %j', (next, field) => {
    const before = { ...config, proxy: { server: 'proxy.example' } };
    expect(() => keepSecrets(next, before)).toThrow(field);
  });
});
