import { describe, expect, it } from 'vitest';
import { decrypted, encrypted, type StoredSessions } from '../../../../plugins/baileys/libsignal/stored-sessions.ts';
import { readWhisperMessage } from '../../../../plugins/baileys/libsignal/whisper-message.ts';
import { copied, Side } from './sides.ts';

interface Sent {
  readonly type: number;
  readonly body: Buffer;
  readonly text: string;
}

/** A linear congruential generator: the same conversation each time. */
const dice = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const counts = { sentHere: 0, sentThere: 0, readHere: 0, readThere: 0 };

/** Writes by both roads: the same bytes, and the same sessions after it. */
const write = async (from: Side, text: string): Promise<Sent> => {
  const data = Buffer.from(text);
  const us = { publicKey: from.identity.pubKey, registrationId: from.registrationId };
  const here = from.stored && encrypted(from.stored, data, us);
  const { type, body } = await from.cipher.encrypt(data);
  const there = Buffer.from(body as string, 'binary');
  if (here) {
    expect(here.type).toBe(type === 1 ? 'msg' : 'pkmsg');
    expect(here.bytes.equals(there)).toBe(true);
    expect(copied(here.sessions)).toEqual(from.stored);
  }
  counts[here ? 'sentHere' : 'sentThere'] += 1;
  return { type, body: there, text };
};

/** Reads by both roads. */
const read = async (to: Side, { type, body, text }: Sent): Promise<void> => {
  const before = to.stored;
  const now = Date.now();
  const here = type === 1 && before ? decrypted(before, body, to.identity.pubKey, now) : null;
  const kept = JSON.stringify(before);
  const there =
    type === 3 ? await to.cipher.decryptPreKeyWhisperMessage(body) : await to.cipher.decryptWhisperMessage(body);
  expect(there.toString()).toBe(text);
  expect(JSON.stringify(before)).toBe(kept);
  counts[here ? 'readHere' : 'readThere'] += 1;
  if (!here) return;
  expect(here.bytes.toString()).toBe(text);
  const timed = (sessions: StoredSessions | null) => JSON.stringify(sessions).replace(/"used":\d+/g, '"used":0');
  expect(timed(copied(here.sessions))).toBe(timed(to.stored));
};

/** Both write in turns of some length; what one writes arrives in some order, and some of it later than all else. */
const talk = async (seed: number, turns: number): Promise<void> => {
  const roll = dice(seed);
  const [ana, bob] = [new Side(11), new Side(22)];
  await ana.begin(bob.bundle);
  const late: { to: Side; sent: Sent }[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const [from, to] = turn % 2 === 0 ? [ana, bob] : [bob, ana];
    const sent: Sent[] = [];
    for (let at = 1 + roll(6); at > 0; at--)
      sent.push(await write(from, `${'x'.repeat(roll(80))} ${seed} ${turn} ${at}`));
    // Before the other side knows us its first message must be the first to arrive.
    const [first, ...rest] = sent;
    const order = turn < 2 ? [] : rest.filter(() => roll(4) === 0);
    await read(to, first!);
    for (const one of rest.filter((other) => !order.includes(other))) await read(to, one);
    for (const one of order) late.push({ to, sent: one });
    if (roll(3) === 0) for (const one of late.splice(0).reverse()) await read(one.to, one.sent);
  }
  for (const one of late) await read(one.to, one.sent);
};

describe('messages of stored sessions', () => {
  it('are encrypted and decrypted as libsignal does, to the byte, and leave the same sessions', async () => {
    for (let seed = 1; seed <= 5; seed++) await talk(seed, 30);
    // Nothing that is written is left to libsignal, and of what is read only first messages and those that begin a new chain.
    expect(counts.sentThere).toBe(0);
    expect(counts.readHere).toBeGreaterThan(counts.readThere);
    expect(counts.readHere).toBeGreaterThan(250);
  });

  it('that are not what they should be are left to libsignal, and change nothing', async () => {
    const [ana, bob] = [new Side(11), new Side(22)];
    await ana.begin(bob.bundle);
    await read(bob, await write(ana, 'first'));
    await read(ana, await write(bob, 'answer'));
    await read(bob, await write(ana, 'begins a chain'));
    const { body } = await write(ana, 'the one');
    const stored = bob.stored as StoredSessions;
    const before = JSON.stringify(stored);
    const tried = (bytes: Uint8Array) => decrypted(stored, bytes, bob.identity.pubKey, 1);
    for (let at = 0; at < body.length; at++) {
      const changed = Buffer.from(body);
      changed[at]! ^= 1;
      expect(tried(changed)).toBeNull();
      expect(tried(body.subarray(0, at))).toBeNull();
    }
    expect(tried(Buffer.concat([body, Buffer.from([0])]))).toBeNull();
    expect(decrypted({ ...stored, version: 'v2' }, body, bob.identity.pubKey, 1)).toBeNull();
    expect(decrypted(stored, body, ana.identity.pubKey, 1)).toBeNull();
    const step = tried(body);
    expect(step?.bytes.toString()).toBe('the one');
    // The key is used up.
    expect(step && decrypted(step.sessions, body, bob.identity.pubKey, 1)).toBeNull();
    expect(JSON.stringify(stored)).toBe(before);
  });

  it('say no more than they must: any bytes at all are read or refused', () => {
    const roll = dice(7);
    for (let round = 0; round < 5000; round++) {
      const bytes = Buffer.from(Array.from({ length: roll(90) }, () => roll(256)));
      if (round % 2 === 0 && bytes.length > 2) bytes.set([0x33, 0x0a], 0);
      const found = readWhisperMessage(bytes, 8);
      expect(found === null || found.content.length === bytes.length - 9).toBe(true);
    }
  });
});
