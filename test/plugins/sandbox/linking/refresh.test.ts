import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { Client, memory, sandboxForTests } from '../support.ts';

const SERVER = '@s.whatsapp.net';

/** The next notification of a type that a client is sent. */
const notification = (client: Client, type: string): Promise<BinaryNode> =>
  new Promise((resolve) => {
    client.socket.ws.on(`CB:notification,type:${type}`, (stanza: BinaryNode) => resolve(stanza));
  });
const childIn = (stanza: BinaryNode): BinaryNode | undefined =>
  Array.isArray(stanza.content) ? stanza.content[0] : undefined;

describe('a QR code whose secret is retired', () => {
  let sandbox: Sandbox;
  const clients: Client[] = [];

  beforeAll(async () => {
    sandbox = await sandboxForTests();
  });
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
  afterAll(() => sandbox.close());

  const shown = async (options = {}) => {
    const client = new Client(sandbox, memory(), options);
    clients.push(client);
    return { client, qr: await client.qr() };
  };
  /** As a client does that knows of refreshed codes: a new secret under the same reference. */
  const renewed = async (client: Client, qr: string, stanza: BinaryNode): Promise<string> => {
    client.auth.creds.advSecretKey = randomBytes(32).toString('base64');
    const attrs = { id: stanza.attrs['id'] ?? '', to: SERVER, class: 'notification', type: stanza.attrs['type'] ?? '' };
    await client.socket.sendNode({ tag: 'ack', attrs });
    const fields = qr.split(',');
    fields[3] = client.auth.creds.advSecretKey;
    return fields.join(',');
  };

  it.each(['companion_reg_refresh', 'pair-device-rotate-qr'] as const)(
    'fails at the first scan and links at the second, child %s',
    async (child) => {
      const phone = sandbox.phone(child === 'companion_reg_refresh' ? '5511999990031' : '5511999990032');
      phone.primary.policy = { refresh: { child, times: 1 } };
      const { client, qr } = await shown();
      const told = notification(client, 'companion_reg_refresh');
      await expect(phone.scan(qr)).rejects.toThrow('scan the code that is shown now');
      const stanza = await told;
      expect(childIn(stanza)?.tag).toBe(child);
      await expect(phone.scan(qr)).rejects.toThrow('was retired');
      const next = await renewed(client, qr, stanza);
      await phone.scan(next);
      expect(await client.closed()).toBe(515);
    },
  );

  it('is one of a chosen reference only', async () => {
    const phone = sandbox.phone('5511999990033');
    phone.primary.policy = { refresh: { child: 'companion_reg_refresh', times: 1, ref: 2 } };
    const { client, qr } = await shown();
    await phone.scan(qr);
    expect(await client.closed()).toBe(515);
  });

  it('is retired without a scan when the server wants to', async () => {
    const { client, qr } = await shown();
    const told = notification(client, 'companion_reg_refresh');
    expect(sandbox.refreshQr(qr)).toBe(true);
    await renewed(client, qr, await told);
    // Stanzas are answered in the order they come: the acknowledgement is there by then.
    await client.socket.query({ tag: 'iq', attrs: { to: SERVER, type: 'get', xmlns: 'md' } });
    await expect(sandbox.phone('5511999990034').scan(qr)).rejects.toThrow('was retired');
    expect(sandbox.registrations()).toMatchObject([{ notices: [{ type: 'companion_reg_refresh', confirmed: true }] }]);
  });
});

describe('a pairing code', () => {
  let sandbox: Sandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await sandboxForTests();
  });
  afterEach(() => client.close());
  afterAll(() => sandbox.close());

  const asked = async (number: string, browser: [string, string, string] = ['Mac OS', 'Chrome', '1']) => {
    client = new Client(sandbox, memory(), { browser });
    await client.qr();
    const told = sandbox.next('pairing-code', ({ phone }) => phone === number);
    // Who is refused is never told of; whoever waits for it hears of that all the same.
    told.catch(() => undefined);
    const refused = new Promise<string | undefined>((resolve) => {
      client.socket.ws.on('CB:iq,type:error', (stanza: BinaryNode) => resolve(childIn(stanza)?.attrs['code']));
    });
    await client.socket.requestPairingCode(number, 'ABCD1234');
    return { told, refused };
  };

  it('is asked for anew, and the one before is dead', async () => {
    const phone = sandbox.phone('5511999990041');
    const { told } = await asked('5511999990041');
    await told;
    const refreshed = notification(client, 'link_code_companion_reg');
    expect(phone.primary.refreshCode(true)).toBe(true);
    expect(childIn(await refreshed)?.attrs).toEqual({ stage: 'refresh_code', force_manual_refresh: 'true' });
    await expect(phone.enterCode('ABCD1234')).rejects.toThrow('no client waits');
    expect(phone.primary.refreshCode(true)).toBe(false);
  });

  it('meets a phone that says nothing after it', async () => {
    const phone = sandbox.phone('5511999990042');
    phone.primary.policy = { silent: true };
    const { told } = await asked('5511999990042');
    await told;
    await expect(phone.enterCode('ABCD1234')).rejects.toThrow('say nothing');
    expect(phone.devices()).toEqual([]);
  });

  it.each([
    ['Windows', 'Chrome'],
    ['Ubuntu', 'Firefox'],
  ])('is given to a common display: %s, %s', async (os, browser) => {
    const number = os === 'Windows' ? '5511999990043' : '5511999990044';
    const { told } = await asked(number, [os, browser, '1']);
    expect(await told).toMatchObject({ display: `${browser} (${os})` });
  });

  it('is refused with 400 to a client that calls its system what nobody does', async () => {
    const { refused } = await asked('5511999990045', ['Acme', 'Chrome', '1']);
    expect(await refused).toBe('400');
    expect(sandbox.pairing()).not.toContain('5511999990045');
  });
});

describe('the ways in which WhatsApp ends a session', () => {
  let sandbox: Sandbox;
  let client: Client;

  beforeAll(async () => {
    sandbox = await sandboxForTests();
  });
  afterEach(() => client.close());
  afterAll(() => sandbox.close());

  it.each([402, 403, 405, 406, 409, 413, 414, 415, 418, 501, 516] as const)('closes with %i', async (code) => {
    client = new Client(sandbox, memory());
    await client.qr();
    sandbox.disconnect(code);
    expect(await client.closed()).toBe(code);
  });
});
