import { createHash } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../plugins/sandbox/sandbox.ts';
import { type Linked, link, sandboxForTests } from './support.ts';

const PHONE = '5511999990081';
const SERVER = '@s.whatsapp.net';
let sandbox: Sandbox;
let linked: Linked;

beforeAll(async () => {
  sandbox = await sandboxForTests();
  linked = await link(sandbox, PHONE);
});
afterAll(async () => {
  await linked.client.close();
  await sandbox.close();
});

const childrenOf = (stanza: BinaryNode | undefined): BinaryNode[] =>
  Array.isArray(stanza?.content) ? stanza.content : [];
const childOf = (stanza: BinaryNode | undefined, tag: string) => childrenOf(stanza).find((child) => child.tag === tag);
const bytesOf = (stanza: BinaryNode | undefined): Buffer => Buffer.from(stanza?.content as Uint8Array);
const query = (attrs: Record<string, string>, ...content: BinaryNode[]): Promise<BinaryNode> =>
  linked.client.socket.query({ tag: 'iq', attrs: { to: SERVER, type: 'get', ...attrs }, content });

describe('the key digest', () => {
  it('has the ids of all keys, and SHA-1 over the public ones', async () => {
    const digest = childOf(await query({ xmlns: 'encrypt' }, { tag: 'digest', attrs: {} }), 'digest');
    const skey = childOf(digest, 'skey');
    const ids = childrenOf(childOf(digest, 'list')).map((id) => bytesOf(id).readUIntBE(0, 3));
    expect(ids).toHaveLength(sandbox.phone(PHONE).devices()[0]?.preKeys ?? 0);
    const { creds, keys } = linked.auth;
    const stored = await keys.get('pre-key', ids.map(String));
    const { keyPair, signature } = creds.signedPreKey;
    const hash = createHash('sha1').update(creds.signedIdentityKey.public).update(keyPair.public).update(signature);
    for (const id of ids) hash.update(stored[String(id)]?.public ?? Buffer.alloc(0));
    expect(bytesOf(childOf(digest, 'hash')).equals(hash.digest())).toBe(true);
    expect(bytesOf(childOf(skey, 'signature')).equals(Buffer.from(signature))).toBe(true);
  });
});

describe('privacy settings', () => {
  it('are kept, and told to the other devices of the account', async () => {
    const other = await link(sandbox, PHONE);
    const told = new Promise<BinaryNode>((resolve) => {
      other.client.socket.ws.on('CB:notification,type:account_sync', (stanza: BinaryNode) => {
        if (childOf(stanza, 'privacy')) resolve(stanza);
      });
    });
    await linked.client.socket.updateLastSeenPrivacy('none');
    expect(childrenOf(childOf(await told, 'privacy'))[0]?.attrs).toEqual({ name: 'last', value: 'none' });
    expect(await other.client.socket.fetchPrivacySettings(true)).toMatchObject({ last: 'none', readreceipts: 'all' });
    await other.client.close();
  });

  it('are refused when nobody knows them', async () => {
    await expect(linked.client.socket.updateLastSeenPrivacy('everybody' as never)).rejects.toThrow('bad-request');
  });
});

describe('a question that the server does not know', () => {
  it('is answered with an error in its JSON', async () => {
    const asked = { tag: 'query', attrs: { query_id: '1' }, content: Buffer.from('{"variables":{}}') };
    const { data, errors } = JSON.parse(bytesOf(childOf(await query({ xmlns: 'w:mex' }, asked), 'result')).toString());
    expect([data, errors[0].extensions.error_code]).toEqual([null, 400]);
  });
});

describe('the server of groups', () => {
  it.each(['@g.us', 'g.us'])('answers when it is written as %s', async (to) => {
    const answer = await query({ to, xmlns: 'w:g2' }, { tag: 'participating', attrs: {} });
    expect(childOf(answer, 'groups')).toBeDefined();
  });
});
