import { describe, expect, it } from 'vitest';
import { parseHeaders, sortHeaders } from '../../../plugins/webhook/endpoints/custom-headers.ts';
import { deliveryDefaults, type WebhookEntry } from '../../../plugins/webhook/endpoints/delivery-options.ts';
import { endpointLabel, endpointsOf } from '../../../plugins/webhook/endpoints/endpoint.ts';

const scope = { name: 'session/default', session: 'default', defaults: deliveryDefaults };
const of = (...webhooks: WebhookEntry[]) => endpointsOf(webhooks, scope).endpoints;
const hook: WebhookEntry = { url: 'https://a.example/hook', events: ['*'] };

describe('an endpoint', () => {
  it('keeps its id when anything but the URL changes, and its fingerprint when nothing does', () => {
    const [first] = of(hook);
    const [same] = of({ ...hook });
    const [changed] = of({
      ...hook,
      events: ['message'],
      hmac: { key: 'k' },
      customHeaders: [{ name: 'x', value: 'y' }],
    });
    expect(same).toMatchObject({ id: first?.id, fingerprint: first?.fingerprint });
    expect(changed?.id).toBe(first?.id);
    expect(changed?.fingerprint).not.toBe(first?.fingerprint);
    expect(of({ ...hook, url: 'https://a.example/other' })[0]?.id).not.toBe(first?.id);
  });

  it('differs between sessions, and between entries with the same URL', () => {
    const [first, second] = of(hook, hook);
    expect(first?.id).not.toBe(second?.id);
    const other = endpointsOf([hook], { ...scope, name: 'session/other' }).endpoints[0];
    expect(other?.id).not.toBe(first?.id);
  });

  it('has no secret in its id', () => {
    expect(of({ ...hook, url: 'https://a.example/?token=secret' })[0]?.id).not.toContain('secret');
  });

  it('takes an empty key for none, whatever older keys there are', () => {
    expect(of({ ...hook, hmac: { key: '', previousKeys: ['old'] } })[0]?.keys).toEqual([]);
  });
});

describe('the label of a URL', () => {
  it.each([
    [
      'leaves an ordinary URL as it is',
      'https://n8n.example:5678/webhook/waha',
      'https://n8n.example:5678/webhook/waha',
    ],
    ['leaves out user and password', 'https://user:secret@a.example/hook', 'https://a.example/hook'],
    ['leaves out query and fragment', 'https://a.example/hook?token=secret#secret', 'https://a.example/hook'],
    [
      'cuts what looks like a token in the path',
      'https://hooks.chat.example/services/T0/B0/XxXxXxXxXxXxXxXxXxXxXxXx',
      'https://hooks.chat.example/services/T0…/B0…/Xx…',
    ],
    ['cuts short tokens, too', 'https://a.example/bot12:AbC/send-all/aB3', 'https://a.example/bo…/send-all/aB…'],
  ])('%s', (_, url, label) => {
    expect(endpointLabel(url)).toBe(label);
  });
});

describe('custom headers', () => {
  it('are sent but for those of HTTP and of the signature', () => {
    const names = [
      'X-Api-Key',
      'Authorization',
      'content-type',
      'HOST',
      'Content-Length',
      'Transfer-Encoding',
      'Connection',
    ];
    const signed = ['X-Webhook-Hmac', 'x-webhook-request-id', 'Webhook-Signature', 'webhook-id', 'Proxy-Authorization'];
    const { sent, refused } = sortHeaders([...names, ...signed].map((name) => ({ name, value: '1' })));
    expect(Object.keys(sent)).toEqual(['X-Api-Key', 'Authorization', 'content-type']);
    expect(refused).toEqual([...names.slice(3), ...signed]);
  });

  it('take the last value of a name, whatever its case', () => {
    expect(
      sortHeaders([
        { name: 'x-a', value: '1' },
        { name: 'X-A', value: '2' },
      ]).sent,
    ).toEqual({ 'X-A': '2' });
  });

  it("may be written in WAHA's one-line form", () => {
    expect(parseHeaders('X-Api-Key: abc:def;X-Two:2;')).toEqual([
      { name: 'X-Api-Key', value: 'abc:def' },
      { name: 'X-Two', value: '2' },
    ]);
    expect(parseHeaders('')).toEqual([]);
    expect(parseHeaders('no colon')).toBeNull();
    expect(parseHeaders('bad name: 1')).toBeNull();
  });
});
