import { afterEach, describe, expect, it } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../../plugins/sandbox/sandbox.ts';
import { lidJid, pnJid } from '../../../plugins/sandbox/wire/jids.ts';
import { type Linked, link, sandboxForTests } from './support.ts';

const PHONE = '5511999990051';
const ANA = '5511888880051';

describe('the worlds of the sandbox', () => {
  let sandbox: Sandbox;
  let linked: Linked;

  afterEach(async () => {
    await linked.client.close();
    await sandbox.close();
  });
  const enter = async (addressing: SandboxOptions['addressing']) => {
    sandbox = await sandboxForTests(addressing === undefined ? {} : { addressing });
    linked = await link(sandbox, PHONE);
    return { ana: sandbox.contact(ANA, { name: 'Ana' }), ...linked };
  };

  it('is one of hidden ids unless it is told otherwise', async () => {
    const { ana, client, auth, phone } = await enter(undefined);
    expect(auth.creds.me?.lid).toBe(lidJid(PHONE, 1));
    await ana.send(PHONE, 'hello');
    expect((await client.text('hello')).key).toMatchObject({ remoteJid: lidJid(ANA), remoteJidAlt: pnJid(ANA) });
    await phone.write(ANA, 'copy');
    expect((await client.text('copy')).key).toMatchObject({
      fromMe: true,
      remoteJid: lidJid(ANA),
      remoteJidAlt: pnJid(ANA),
    });
  });

  it('has one Signal session for both names of a person', async () => {
    const { ana, client } = await enter('lid');
    await client.socket.sendMessage(pnJid(ANA), { text: 'by number' });
    await ana.waitForMessage();
    await ana.send(PHONE, 'from the hidden id');
    await client.text('from the hidden id');
    await client.socket.sendMessage(lidJid(ANA), { text: 'by hidden id' });
    expect(await ana.waitForMessage(({ text }) => text === 'by hidden id')).toMatchObject({ encryption: 'msg' });
    expect(sandbox.stats()).toMatchObject({ retries: 0, refusedByClient: 0 });
  });

  it('takes a block only by hidden id with the number beside it where accounts are migrated', async () => {
    const { ana, client } = await enter('lid');
    const block = (attrs: Record<string, string>) =>
      client.socket.query({
        tag: 'iq',
        attrs: { xmlns: 'blocklist', to: '@s.whatsapp.net', type: 'set' },
        content: [{ tag: 'item', attrs: { action: 'block', ...attrs } }],
      });
    await expect(block({ jid: pnJid(ANA) })).rejects.toThrow('bad-request');
    await expect(block({ jid: ana.lid })).rejects.toThrow('bad-request');
    await expect(block({ jid: ana.lid, pn_jid: pnJid('5511888880052') })).rejects.toThrow('bad-request');
    await block({ jid: ana.lid, pn_jid: ana.jid });
    expect(await client.socket.fetchBlocklist()).toEqual([ana.lid]);
  });

  it('is one of numbers with hidden ids beside them when it is told to', async () => {
    const { ana, client } = await enter('pn');
    await ana.send(PHONE, 'hello');
    expect((await client.text('hello')).key).toMatchObject({ remoteJid: pnJid(ANA), remoteJidAlt: lidJid(ANA) });
  });

  it('knows no hidden ids when it is told to', async () => {
    const { ana, client, auth } = await enter('none');
    expect(auth.creds.me?.lid).toBeUndefined();
    await ana.send(PHONE, 'hello');
    const { key } = await client.text('hello');
    expect(key).toMatchObject({ remoteJid: pnJid(ANA), addressingMode: 'pn' });
    expect(key).not.toHaveProperty('remoteJidAlt', expect.stringContaining('@lid'));
    const group = sandbox.group({ subject: 'Club', owner: ANA, participants: [PHONE] });
    const metadata = await client.socket.groupMetadata(group.jid);
    expect(metadata.participants.map(({ id }) => id).sort()).toEqual([pnJid(ANA), pnJid(PHONE)].sort());
    expect(JSON.stringify(metadata)).not.toContain('@lid');
  });
});
