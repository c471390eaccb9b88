import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClosableEgress, createEgress } from '../../../core/network/egress.ts';
import type { ResolvedAddress } from '../../../core/network/pinned-lookup.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';

/** Names that an attacker owns, and what their DNS answers. */
const zone: Record<string, string[]> = {
  'loopback.attacker.example': ['127.0.0.1'],
  'private.attacker.example': ['192.168.1.10'],
  'metadata.attacker.example': ['169.254.169.254'],
  'mapped.attacker.example': ['::ffff:127.0.0.1'],
  'ula.attacker.example': ['fd12:3456::1'],
  'mixed.attacker.example': ['93.184.215.14', '127.0.0.1'],
  'garbage.attacker.example': ['not-an-address'],
};
const lookup = async (name: string): Promise<ResolvedAddress[]> =>
  (zone[name] ?? ['127.0.0.1']).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

let inner: Receiver;
let egress: ClosableEgress;

beforeEach(async () => {
  inner = await startReceiver();
  egress = createEgress({ lookup });
});
afterEach(async () => {
  await egress.close();
  await inner.close();
});

/** Nothing arrives at the server inside, and the message names neither its address nor its answer. */
const expectRefused = async (url: string) => {
  const error = await egress.request({ url, timeoutMs: 5_000 }).then(
    () => expect.fail('the request went through'),
    (reason: unknown) => reason as Error,
  );
  expect(error).toMatchObject({ name: 'EgressError', fault: 'refused' });
  expect(error.cause).toBeUndefined();
  expect(inner.requests).toEqual([]);
  expect(inner.connections()).toBe(0);
  return error;
};

describe('without a look-up, the guard refuses', () => {
  const tries: [string, (port: number) => string][] = [
    ['the loopback address', (port) => `http://127.0.0.1:${port}/`],
    ['any address of the loopback net', (port) => `http://127.8.9.10:${port}/`],
    ['loopback as one decimal number', (port) => `http://2130706433:${port}/`],
    ['loopback in octal', (port) => `http://0177.0.0.1:${port}/`],
    ['loopback as one octal number', (port) => `http://017700000001:${port}/`],
    ['loopback in hex', (port) => `http://0x7f000001:${port}/`],
    ['loopback in dotted hex', (port) => `http://0x7f.0x0.0x0.0x1:${port}/`],
    ['loopback in short form', (port) => `http://127.1:${port}/`],
    ['loopback in full-width digits', (port) => `http://①②⑦.⓪.⓪.①:${port}/`],
    ['loopback with a trailing dot', (port) => `http://127.0.0.1.:${port}/`],
    ['loopback with percent-encoded digits', (port) => `http://%31%32%37.0.0.1:${port}/`],
    ['0.0.0.0', (port) => `http://0.0.0.0:${port}/`],
    ['0', (port) => `http://0:${port}/`],
    ['localhost', (port) => `http://localhost:${port}/`],
    ['LOCALHOST in capitals', (port) => `http://LOCALHOST:${port}/`],
    ['localhost with a trailing dot', (port) => `http://localhost.:${port}/`],
    ['a name below localhost', (port) => `http://hook.localhost:${port}/`],
    ['[::1]', (port) => `http://[::1]:${port}/`],
    ['[::]', (port) => `http://[::]:${port}/`],
    ['an IPv4-mapped loopback address', (port) => `http://[::ffff:127.0.0.1]:${port}/`],
    ['an IPv4-mapped loopback address in hex', (port) => `http://[::ffff:7f00:1]:${port}/`],
    ['an IPv4-compatible loopback address', (port) => `http://[::7f00:1]:${port}/`],
    ['an IPv4-translated loopback address', (port) => `http://[::ffff:0:127.0.0.1]:${port}/`],
    ['loopback behind NAT64', (port) => `http://[64:ff9b::127.0.0.1]:${port}/`],
    ['local-use NAT64', () => 'http://[64:ff9b:1::a00:1]/'],
    ['loopback inside 6to4', () => 'http://[2002:7f00:1::]/'],
    ['Teredo', () => 'http://[2001::1]/'],
    ['10/8', () => 'http://10.0.0.1/'],
    ['172.16/12', () => 'http://172.17.0.1/'],
    ['192.168/16', () => 'http://192.168.0.1/'],
    ['carrier-grade NAT', () => 'http://100.64.0.1/'],
    ['the metadata service of AWS and others', () => 'http://169.254.169.254/latest/meta-data/'],
    ['the metadata service as one decimal number', () => 'http://2852039166/'],
    ['the metadata service, IPv4-mapped', () => 'http://[::ffff:169.254.169.254]/'],
    ['the metadata service of AWS over IPv6', () => 'http://[fd00:ec2::254]/'],
    ['the metadata service of Alibaba', () => 'http://100.100.100.200/'],
    ['the host service of Azure', () => 'http://168.63.129.16/'],
    ['link-local IPv6', () => 'http://[fe80::1]/'],
    ['unique local IPv6', () => 'http://[fd12:3456::1]/'],
    ['site-local IPv6', () => 'http://[fec0::1]/'],
    ['IPv4 multicast', () => 'http://224.0.0.1/'],
    ['IPv6 multicast', () => 'http://[ff02::1]/'],
    ['broadcast', () => 'http://255.255.255.255/'],
    ['reserved IPv4', () => 'http://240.0.0.1/'],
    ['the benchmarking net', () => 'http://198.18.0.1/'],
    ['documentation addresses', () => 'http://203.0.113.1/'],
    ['IPv6 that nobody was given', () => 'http://[4000::1]/'],
    ['credentials in the URL', () => 'http://user:secret@93.184.215.14/'],
    ['a user without a password in the URL', () => 'http://user@93.184.215.14/'],
    ['a host that hides behind an @', (port) => `http://93.184.215.14@127.0.0.1:${port}/`],
    ['a backslash before the real host', (port) => `http://127.0.0.1:${port}\\@93.184.215.14/`],
    ['file:', () => 'file:///etc/passwd'],
    ['ftp:', () => 'ftp://93.184.215.14/'],
    ['gopher:', (port) => `gopher://127.0.0.1:${port}/_POST`],
    ['data:', () => 'data:text/plain,hello'],
    ['a unix socket', () => 'unix:///var/run/docker.sock'],
    ['a relative URL', () => '/hook'],
    ['an empty URL', () => ''],
  ];
  it.each(tries)('%s', async (_, url) => {
    expect(egress.refusal(url(inner.port))).toEqual(expect.any(String));
    await expectRefused(url(inner.port));
  });
});

describe('after a look-up, the guard refuses', () => {
  const tries: [string, string][] = [
    ['a public name with a loopback address', 'loopback.attacker.example'],
    ['a public name with a private address', 'private.attacker.example'],
    ['a public name with the metadata address', 'metadata.attacker.example'],
    ['a public name with an IPv4-mapped address', 'mapped.attacker.example'],
    ['a public name with a unique local address', 'ula.attacker.example'],
    ['a name with one public and one private address', 'mixed.attacker.example'],
    ['a name whose address cannot be read', 'garbage.attacker.example'],
  ];
  it.each(tries)('%s', async (_, host) => {
    const error = await expectRefused(`http://${host}:${inner.port}/`);
    expect(error.message).toContain('network.allow');
    for (const address of zone[host] ?? []) expect(error.message).not.toContain(address);
  });
});

it('refuses DNS that answers with a public address first and a private one afterwards', async () => {
  const answers = ['127.0.0.1', '192.168.1.10'];
  let asked = 0;
  // Loopback stands for the public address here: a CIDR opens it, and nothing else.
  const rebinding = createEgress({
    allow: { cidrs: ['127.0.0.1'] },
    lookup: async () => [{ address: answers[asked++] ?? '10.0.0.1', family: 4 }],
  });
  const url = `http://rebind.attacker.example:${inner.port}/`;
  expect((await rebinding.request({ url, headers: { connection: 'close' } })).status).toBe(200);
  expect(asked, 'the name is resolved once a connection').toBe(1);
  await expect(rebinding.request({ url })).rejects.toMatchObject({ fault: 'refused' });
  expect(inner.requests).toHaveLength(1);
  await rebinding.close();
});

it('connects to the address that it checked, not to what the name means later', async () => {
  const guarded = createEgress({
    allow: { cidrs: ['127.0.0.1'] },
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  const { status } = await guarded.request({ url: `http://nowhere.invalid:${inner.port}/pinned` });
  expect(status).toBe(200);
  expect((await inner.next()).headers['host']).toBe(`nowhere.invalid:${inner.port}`);
  await guarded.close();
});

it('hands a redirect back instead of following it inside', async () => {
  const outer = await startReceiver({ answers: [{ status: 302, headers: { location: `${inner.url}/secret` } }] });
  const guarded = createEgress({ allow: { hosts: [`127.0.0.1:${outer.port}`] } });
  const answer = await guarded.request({ url: outer.url });
  expect(answer).toMatchObject({ status: 302, headers: { location: `${inner.url}/secret` } });
  expect(inner.requests).toEqual([]);
  await guarded.close();
  await outer.close();
});

it('does not lend a connection that an operator opened to a URL of somebody else', async () => {
  const url = inner.url;
  expect((await egress.request({ url, trusted: true })).status).toBe(200);
  await expect(egress.request({ url })).rejects.toMatchObject({ fault: 'refused' });
  expect(inner.requests).toHaveLength(1);
});

describe('the YAML opens', () => {
  const reaches = async (allow: { private?: boolean; hosts?: string[]; cidrs?: string[] }, host: string) => {
    const opened = createEgress({ allow, lookup });
    const result = await opened.request({ url: `http://${host}:${inner.port}/` }).then(
      ({ status }) => status,
      (error: { fault: string }) => error.fault,
    );
    await opened.close();
    return result;
  };

  it.each([
    ['every private address', { private: true }, '127.0.0.1', 200],
    ['every private address behind a name', { private: true }, 'loopback.attacker.example', 200],
    ['no metadata service along with private addresses', { private: true }, 'metadata.attacker.example', 'refused'],
    ['a host by name', { hosts: ['n8n'] }, 'n8n', 200],
    ['a host by name in any case and with a trailing dot', { hosts: ['N8N.'] }, 'n8n.', 200],
    ['no host but the named one', { hosts: ['n8n'] }, 'other', 'refused'],
    ['the hosts below a domain', { hosts: ['*.corp.example'] }, 'hooks.corp.example', 200],
    ['not the domain itself with a star', { hosts: ['*.corp.example'] }, 'corp.example', 'refused'],
    ['no host that merely ends like one', { hosts: ['*.corp.example'] }, 'evilcorp.example', 'refused'],
    ['no other port than the named one', { hosts: ['n8n:1'] }, 'n8n', 'refused'],
    ['a range of addresses', { cidrs: ['127.0.0.0/8'] }, 'localhost', 200],
    ['no address outside the range', { cidrs: ['10.0.0.0/8'] }, 'localhost', 'refused'],
  ] as const)('%s', async (_, allow, host, result) => {
    const { hosts, cidrs, ...rest } = allow as { private?: boolean; hosts?: string[]; cidrs?: string[] };
    expect(
      await reaches({ ...rest, ...(hosts && { hosts: [...hosts] }), ...(cidrs && { cidrs: [...cidrs] }) }, host),
    ).toBe(result);
  });

  it('what it can read, and names the entry that it cannot', () => {
    expect(() => createEgress({ allow: { cidrs: ['10.0.0.0/8', '10.0.0.0/99'] } })).toThrow('network.allow.cidrs.1');
    expect(() => createEgress({ allow: { hosts: ['http://n8n'] } })).toThrow('network.allow.hosts.0');
  });
});
