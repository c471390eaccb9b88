import { describe, expect, it } from 'vitest';
import { compile } from '../../../core/config/validate.ts';
import { readConfig, WebhookPluginConfig } from '../../../plugins/webhook/config.ts';
import { deliveryDefaults } from '../../../plugins/webhook/endpoints/delivery-options.ts';
import { runWebhooks } from './running-plugin.ts';

const check = compile(WebhookPluginConfig, { unknown: 'reject' });
const read = (config: object) => {
  const checked = check(config);
  if (!checked.ok) throw new Error(checked.violations.map(({ message }) => message).join('; '));
  return readConfig(checked.value, () => null);
};

describe('the config', () => {
  it('may be empty, or have an empty URL, as environment variables that are not set make it', () => {
    expect(read({}).webhooks).toEqual([]);
    const empty = { url: '', events: [], hmac: { key: '' }, customHeaders: '', webhooks: [{ url: '' }] };
    expect(read(empty).webhooks).toEqual([]);
  });

  it('hears everything when it names no event', () => {
    expect(read({ url: 'http://a.example' }).webhooks[0]?.events).toEqual(['*']);
    expect(read({ url: 'http://a.example', events: [] }).webhooks[0]?.events).toEqual(['*']);
  });

  it("takes custom headers in WAHA's one-line form", () => {
    const [webhook] = read({ url: 'http://a.example', customHeaders: 'X-One:1;X-Two:2' }).webhooks;
    expect(webhook?.customHeaders).toEqual([
      { name: 'X-One', value: '1' },
      { name: 'X-Two', value: '2' },
    ]);
  });

  it('hands its delivery options on to the list and to the sessions', () => {
    const { webhooks, sessionDefaults } = read({
      timeoutSeconds: 3,
      concurrency: 2,
      webhooks: [{ url: 'http://a.example' }, { url: 'http://b.example', concurrency: 5, disableAfterHours: 1 }],
    });
    expect(webhooks[0]?.options).toEqual({ timeoutMs: 3_000, concurrency: 2 });
    expect(webhooks[1]?.options).toEqual({ timeoutMs: 3_000, concurrency: 5, disableAfterMs: 3_600_000 });
    expect(sessionDefaults).toEqual({
      ...deliveryDefaults,
      timeoutMs: 3_000,
      concurrency: 2,
      disableAfterMs: 432_000_000,
    });
  });

  it.each([
    ['a URL of another scheme', { url: 'ftp://a.example' }, 'url'],
    ['an event that does not exist', { url: 'http://a.example', events: ['mesage'] }, 'events.0'],
    ['an option that does not exist', { urls: 'http://a.example' }, "did you mean 'url'"],
    ['a timeout of more than a minute', { timeoutSeconds: 61 }, 'timeoutSeconds'],
    ['headers that cannot be read', { url: 'http://a.example', customHeaders: 'nonsense' }, 'config.customHeaders'],
    [
      'headers that cannot be set, by name and never by value',
      { webhooks: [{ url: 'http://a.example', customHeaders: [{ name: 'Host', value: 'SECRET' }] }] },
      "config.webhooks.0.customHeaders: 'Host' cannot be set",
    ],
  ])('refuses %s', (_, config, sentence) => {
    expect(() => read(config)).toThrow(sentence);
    expect(() => read(config)).not.toThrow('SECRET');
  });

  it('refuses at the start a URL that the network guard will never let through', async () => {
    const config = { webhooks: [{ url: 'http://169.254.169.254/latest' }] };
    await expect(runWebhooks({ config })).rejects.toThrow('config.webhooks.0.url');
    await expect(runWebhooks({ config: { url: 'http://user:SECRET@a.example' } })).rejects.toThrow(
      'must not hold credentials',
    );
  });
});
