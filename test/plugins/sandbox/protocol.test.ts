import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startSandbox } from '../../../plugins/sandbox/sandbox.ts';
import { SignalParty } from '../../../plugins/sandbox/signal/signal-party.ts';
import { ROOT_KEY, serverIdentity } from '../../../plugins/sandbox/wire/certificates.ts';
import { FrameReader, frame } from '../../../plugins/sandbox/wire/frames.ts';
import { lidJid, parseJid } from '../../../plugins/sandbox/wire/jids.ts';
import { isSignedBy, keyPairOf, newKeyPair, sign } from '../../../plugins/sandbox/wire/keys.ts';

describe('framing', () => {
  const intro = Buffer.from([0x57, 0x41, 6, 3]);
  const payloads = [Buffer.from('one'), Buffer.alloc(7000, 1), Buffer.from('three')];
  const stream = Buffer.concat([intro, ...payloads.map(frame)]);

  it('does not care how the stream is cut', () => {
    for (const size of [1, 3, 1000, stream.length]) {
      const reader = new FrameReader();
      const read: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) read.push(...reader.push(stream.subarray(at, at + size)));
      expect(read.map((one) => one.toString('hex'))).toEqual(payloads.map((one) => one.toString('hex')));
      expect(reader.prologue).toEqual(intro);
    }
  });

  it('skips routing information in front of the intro', () => {
    const routing = Buffer.concat([Buffer.from('ED'), Buffer.from([0, 1, 0, 0, 5]), Buffer.from('where')]);
    expect(new FrameReader().push(Buffer.concat([routing, stream]))).toEqual(payloads);
  });

  it('refuses a foreign intro', () => {
    expect(() => new FrameReader().push(Buffer.from('GET / HTTP/1.1'))).toThrow('the intro is not that of WhatsApp');
  });
});

describe('the certificate chain', () => {
  it('is signed by the root key down to the static key of the server', () => {
    const { Details } = proto.CertChain.NoiseCertificate;
    const { chain, staticKey } = serverIdentity();
    const { intermediate, leaf } = proto.CertChain.decode(chain);
    const [middle, end] = [intermediate?.details ?? new Uint8Array(), leaf?.details ?? new Uint8Array()];
    const signatures = [intermediate?.signature ?? new Uint8Array(), leaf?.signature ?? new Uint8Array()] as const;
    expect(isSignedBy(Buffer.from(ROOT_KEY, 'hex'), middle, signatures[0])).toBe(true);
    const keyIn = (details: Uint8Array): Buffer => Buffer.from(Details.decode(details).key ?? []);
    expect(isSignedBy(keyIn(middle), end, signatures[1])).toBe(true);
    expect(keyIn(end)).toEqual(staticKey.public);
    expect(Details.decode(middle).issuerSerial).toBe(0);
    expect(isSignedBy(newKeyPair().public, middle, signatures[0])).toBe(false);
  });

  it('has the same root key in every process', () => {
    expect(ROOT_KEY).toBe('00d6fbbe41c649c36b0c82c546ee70ac5ae943c073954a9713cb2ba09045965e');
  });

  it('uses keys that sign and verify', () => {
    const pair = keyPairOf('a label');
    const signature = sign(pair.private, Buffer.from('text'));
    expect(isSignedBy(pair.public, Buffer.from('text'), signature)).toBe(true);
    expect(isSignedBy(pair.public, Buffer.from('other'), signature)).toBe(false);
  });
});

describe('addresses', () => {
  it('go from number to LID and back', () => {
    expect(parseJid(lidJid('5511999990001', 3))).toEqual({ number: '5511999990001', device: 3, kind: 'lid' });
    expect(parseJid('5511999990001@s.whatsapp.net')).toEqual({ number: '5511999990001', device: 0, kind: 'pn' });
    expect(parseJid('123-456@g.us')).toBeUndefined();
    expect(parseJid('@s.whatsapp.net')).toBeUndefined();
  });
});

describe('two Signal parties', () => {
  it('talk, lose their session and start anew', async () => {
    const [ana, bob] = [new SignalParty('ana'), new SignalParty('bob')];
    await ana.start('bob:0', bob.bundle());
    const first = await ana.encrypt('bob:0', Buffer.from('hello'));
    expect(first.type).toBe('pkmsg');
    expect((await bob.decrypt('ana:0', first)).toString()).toBe('hello');
    const answer = await bob.encrypt('ana:0', Buffer.from('hi'));
    expect(answer.type).toBe('msg');
    expect((await ana.decrypt('bob:0', answer)).toString()).toBe('hi');
    bob.forget('ana:0');
    await expect(bob.decrypt('ana:0', await ana.encrypt('bob:0', Buffer.from('?')))).rejects.toThrow('no session');
    await ana.start('bob:0', bob.bundle());
    const again = await ana.encrypt('bob:0', Buffer.from('again'));
    expect((await bob.decrypt('ana:0', again)).toString()).toBe('again');
  });
});

describe('a Signal party', () => {
  const text = async (reading: Promise<Buffer>): Promise<string> => (await reading).toString();

  it('keeps its sessions as they were when a message is not of them', async () => {
    const [ana, bob] = [new SignalParty('ana'), new SignalParty('bob')];
    const write = (from: SignalParty, to: string, what: string) => from.encrypt(to, Buffer.from(what));
    await ana.start('bob:0', bob.bundle());
    await bob.decrypt('ana:0', await write(ana, 'bob:0', 'hello'));
    await ana.decrypt('bob:0', await write(bob, 'ana:0', 'hi'));
    const late = await write(ana, 'bob:0', 'late');
    const damaged = { ...late, body: Buffer.from(late.body) };
    damaged.body[damaged.body.length - 1] = (damaged.body.at(-1) ?? 0) ^ 1;
    await expect(bob.decrypt('ana:0', damaged)).rejects.toThrow('Bad MAC');
    await bob.start('ana:0', ana.bundle());
    await ana.decrypt('bob:0', await write(bob, 'ana:0', 'anew'));
    await bob.decrypt('ana:0', await write(ana, 'bob:0', 'used last'));
    expect(await text(bob.decrypt('ana:0', late))).toBe('late');
    expect(await text(ana.decrypt('bob:0', await write(bob, 'ana:0', 'on')))).toBe('on');
  });
});

describe('the server', () => {
  it('listens on loopback only', async () => {
    await expect(startSandbox({ host: '0.0.0.0' })).rejects.toThrow("loopback only, not on '0.0.0.0'");
    await expect(startSandbox({ host: '192.168.1.2' })).rejects.toThrow('loopback only');
  });

  it('names the port that is taken', async () => {
    const sandbox = await startSandbox();
    const port = Number(new URL(sandbox.endpoint.url).port);
    await expect(startSandbox({ port })).rejects.toThrow('EADDRINUSE');
    await sandbox.close();
  });

  it('hangs up on a stranger', async () => {
    const sandbox = await startSandbox();
    const broken = sandbox.next('broken');
    const socket = new WebSocket(sandbox.endpoint.url);
    socket.on('error', () => undefined);
    socket.on('open', () => socket.send('hello, is this a chat?'));
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await broken).error.message).toBe('the intro is not that of WhatsApp');
    await sandbox.close();
  });
});
