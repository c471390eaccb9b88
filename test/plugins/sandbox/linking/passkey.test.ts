import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PasskeyPolicy } from '../../../../plugins/sandbox/linking/policy.ts';
import { confirmationCode } from '../../../../plugins/sandbox/linking/shortcake.ts';
import { runSandboxServer, type SandboxServer } from '../../../../plugins/sandbox/standalone.ts';
import { Client, hush, memory, verifyForReal } from '../support.ts';
import { PasskeyClient } from './passkey-client.ts';

let count = 0;

describe('linking by passkey', () => {
  let server: SandboxServer;
  const clients: Client[] = [];

  beforeAll(async () => {
    hush();
    server = await runSandboxServer({ controlPort: 0, print: () => undefined });
    verifyForReal(server.sandbox.endpoint.rootKey);
  });
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
  afterAll(() => server.close());

  const call = async <T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> => {
    const response = await fetch(`${server.controlUrl}/api/sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  };

  /** A client that was scanned by a phone which links by passkey, with the ceremony that has begun. */
  const scanned = async (passkey: PasskeyPolicy = {}) => {
    const number = `55119999901${String(count++).padStart(2, '0')}`;
    await call('PUT', `/phones/${number}/linking`, { passkey });
    const client = new Client(server.sandbox, memory());
    clients.push(client);
    const ceremony = new PasskeyClient(client);
    const requested = ceremony.notification('passkey_prologue_request');
    const continued = ceremony.notification('crsc_continuation');
    const qr = await client.qr();
    expect(await call('POST', `/phones/${number}/scan`, { qr, wait: false })).toMatchObject({ status: 202 });
    const options = await ceremony.begin(await requested);
    const assert = async (flaws?: object) =>
      (await call<{ rawId: string }>('POST', `/phones/${number}/passkey/assertion`, { ...options, flaws })).body;
    const state = async () => (await call<Record<string, unknown>>('GET', `/phones/${number}/passkey`)).body;
    return { number, client, ceremony, continued, assert, state };
  };

  const relogin = async (client: Client, number: string): Promise<void> => {
    expect(await client.closed()).toBe(515);
    const second = new Client(server.sandbox, client.auth);
    clients.push(second);
    await second.opened();
    expect(server.sandbox.phone(number).devices()).toMatchObject([{ online: true }]);
  };

  it.each(['inside', 'asked'] as const)('links with a proof and no question, options %s', async (options) => {
    const { number, client, ceremony, continued, assert, state } = await scanned({ options });
    await ceremony.prologue(await assert());
    const continuation = await continued;
    const code = await ceremony.reveal(continuation);
    expect(await state()).toMatchObject({ state: 'pairing', code, proved: true });
    await ceremony.request(continuation);
    await relogin(client, number);
    expect(await state()).toMatchObject({ state: 'linked', code, problem: null });
    expect(await call('POST', `/phones/${number}/passkey/confirm`, { code })).toMatchObject({ status: 404 });
  });

  it('asks for the code on the phone when there is no proof, and takes no other one', async () => {
    const { number, client, ceremony, continued, assert, state } = await scanned();
    await ceremony.prologue(await assert(), { proof: false });
    const continuation = await continued;
    const code = await ceremony.reveal(continuation);
    await ceremony.request(continuation);
    expect(await state()).toMatchObject({ state: 'confirmation', proved: false });
    expect(await call('POST', `/phones/${number}/passkey/confirm`, { code: 'AAAA-AAAA' })).toMatchObject({
      status: 422,
    });
    expect(await call('POST', `/phones/${number}/passkey/confirm`, { code })).toMatchObject({ status: 201 });
    await relogin(client, number);
  });

  it('begins after a typed pairing code, too', async () => {
    const number = '5511999990199';
    await call('PUT', `/phones/${number}/linking`, { passkey: {} });
    const client = new Client(server.sandbox, memory());
    clients.push(client);
    const ceremony = new PasskeyClient(client);
    const requested = ceremony.notification('passkey_prologue_request');
    const continued = ceremony.notification('crsc_continuation');
    await client.qr();
    const asked = server.sandbox.next('pairing-code');
    await client.socket.requestPairingCode(number, 'ABCD1234');
    await asked;
    expect(await call('POST', `/phones/${number}/code`, { code: 'ABCD1234', wait: false })).toMatchObject({
      status: 202,
    });
    const options = await ceremony.begin(await requested);
    const { body } = await call<{ rawId: string }>('POST', `/phones/${number}/passkey/assertion`, options);
    await ceremony.prologue(body);
    const continuation = await continued;
    await ceremony.reveal(continuation);
    await ceremony.request(continuation);
    await relogin(client, number);
  });

  it.each([
    ['of another site', { origin: 'https://example.org' }],
    ['for another challenge', { challenge: 'AAAA' }],
    ['of another type', { type: 'webauthn.create' }],
    ['for another relying party', { rpId: 'example.org' }],
    ['without a verified owner', { verified: false }],
  ])('refuses an assertion %s, and the ceremony is over', async (_what, flaws) => {
    const { ceremony, assert, client } = await scanned();
    await expect(ceremony.prologue(await assert(flaws))).rejects.toThrow('bad-request');
    await client.qr();
  });

  it('refuses a nonce that was not committed to', async () => {
    const { ceremony, continued, assert } = await scanned();
    await ceremony.prologue(await assert());
    await expect(ceremony.reveal(await continued, Buffer.alloc(32, 1))).rejects.toThrow('bad-request');
  });

  it('refuses a device type that is not the registered one', async () => {
    const { ceremony, assert } = await scanned();
    ceremony.deviceType = 7;
    await expect(ceremony.prologue(await assert())).rejects.toThrow('bad-request');
  });

  it('refuses what is out of turn', async () => {
    const { ceremony } = await scanned();
    const nonce: BinaryNode = { tag: 'companion_nonce', attrs: {}, content: Buffer.alloc(32) };
    await expect(ceremony.query('set', nonce)).rejects.toThrow('bad-request');
  });

  it('refuses a step once when it is told to, says so, and goes on with the next scan', async () => {
    const { number, client, ceremony, assert, state } = await scanned({ refuse: { step: 'prologue', code: 500 } });
    await expect(ceremony.prologue(await assert())).rejects.toThrow('refused');
    const problem = "told to refuse the request 'prologue' with 500";
    expect(await state()).toMatchObject({ state: 'failed', problem });
    const requested = ceremony.notification('passkey_prologue_request');
    const qr = await client.qr();
    expect(await call('POST', `/phones/${number}/scan`, { qr, wait: false })).toMatchObject({ status: 202 });
    const options = await ceremony.begin(await requested);
    const { body } = await call<{ rawId: string }>('POST', `/phones/${number}/passkey/assertion`, options);
    await ceremony.prologue(body, { proof: false });
    expect(await state()).toMatchObject({ state: 'nonce', problem: null });
    await client.close();
    await expect.poll(state).toMatchObject({ state: 'failed', problem: expect.stringContaining('went away') });
  });

  it('withholds the continuation, or pair-success, when it is told to', async () => {
    const without = await scanned({ withhold: 'continuation' });
    await without.ceremony.prologue(await without.assert());
    await without.ceremony.query('get', { tag: 'ref', attrs: {} });
    expect(server.sandbox.registrations().at(-1)?.notices).toEqual([
      { type: 'passkey_prologue_request', confirmed: true },
    ]);
    const silent = await scanned({ withhold: 'pair-success' });
    await silent.ceremony.prologue(await silent.assert());
    const continuation = await silent.continued;
    await silent.ceremony.reveal(continuation);
    await silent.ceremony.request(continuation);
    expect(await silent.state()).toMatchObject({ state: 'confirmation', proved: true });
  });
});

describe('the code of a passkey ceremony', () => {
  it('is five bytes in base 32, as computed by hand', () => {
    // SHA-256 of 64 zero bytes begins with f5a5fd42d1; with the phone's nonce of zeros these are the five bytes.
    expect(confirmationCode(Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(32))).toBe('YPKZ-THPJ');
    expect(confirmationCode(Buffer.from('f5a5fd42d1', 'hex'), Buffer.alloc(32), Buffer.alloc(32))).toBe('1111-1111');
  });
});
