import { describe, expect, it } from 'vitest';
import { configFrom } from '../../../core/config/load.ts';
import { createEgress } from '../../../core/network/egress.ts';
import { refuseDeclared, refuseWebhooks } from '../../../core/session/webhook-urls.ts';

const guard = createEgress({ allow: { hosts: ['n8n'], cidrs: ['10.1.0.0/16'] } });
const refusal = (url: string) => guard.refusal(url);
const config = (...urls: string[]) => ({ webhooks: urls.map((url) => ({ url, events: ['*' as const] })) });

describe('the webhooks of a session', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]:8080/',
    'http://0x7f.1/',
    'http://10.2.0.1/',
    'ftp://crm.example/',
    'http://user:secret@crm.example/',
  ])('are refused with the field when their URL says where they may not go: %s', (url) => {
    const refused = () => refuseWebhooks(config('https://crm.example/hook', url), refusal);
    expect(refused).toThrow(/^config\.webhooks\.1\.url: /);
    expect(refused).not.toThrow(/secret|config\.webhooks\.0/);
  });

  it('are taken when the YAML opens the way, and when only a look-up could tell', () => {
    const fine = config('http://n8n:5678/hook', 'http://10.1.2.3/', 'http://localhost:1/', 'https://intern.example/');
    expect(() => refuseWebhooks(fine, refusal)).not.toThrow();
    expect(() => refuseWebhooks({ webhooks: null }, refusal)).not.toThrow();
    expect(() => refuseWebhooks({}, refusal)).not.toThrow();
  });

  it('are all named with their session, when the YAML declares them', () => {
    const sessions = [
      { name: 'shop', config: config('http://10.2.0.1/', 'http://n8n/') },
      { name: 'bare' },
      { name: 'crm', config: config('http://n8n/', 'http://192.168.0.1/') },
    ];
    const declared = configFrom({ plugins: [{ use: 'lowdb' }], sessions });
    const refused = () => refuseDeclared(declared, refusal);
    expect(refused).toThrow(/sessions\.shop\.config\.webhooks\.0\.url: .*10\.2\.0\.1/);
    expect(refused).toThrow(/sessions\.crm\.config\.webhooks\.1\.url: .*192\.168\.0\.1/);
  });
});
