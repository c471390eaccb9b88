import { createRequire } from 'node:module';
import { afterAll, describe, expect, it } from 'vitest';
import { quietLibsignal } from '../../../../plugins/baileys/libsignal/quiet-libsignal.ts';
import { type CipherClass, keepTriedSessions } from '../../../../plugins/baileys/libsignal/tried-sessions.ts';
import { type SessionCipher, Side } from './sides.ts';

/** libsignal's own way, whoever has repaired the class before. */
const original = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'));
const plainly = (): typeof SessionCipher => {
  const file = original.resolve('libsignal/src/session_cipher.js');
  const kept = original.cache[file];
  delete original.cache[file];
  const fresh = original(file) as typeof SessionCipher;
  original.cache[file] = kept;
  return fresh;
};
const repaired = (): typeof SessionCipher => {
  const fresh = plainly();
  keepTriedSessions(fresh as unknown as CipherClass);
  keepTriedSessions(fresh as unknown as CipherClass);
  return fresh;
};

interface Sent {
  readonly type: number;
  readonly body: Buffer;
}
const write = async (from: Side, text: string): Promise<Sent> => {
  const { type, body } = await from.cipher.encrypt(Buffer.from(text));
  return { type, body: Buffer.from(body as string, 'binary') };
};
const read = async (to: Side, { type, body }: Sent): Promise<string> => {
  const { cipher } = to;
  return (
    await (type === 3 ? cipher.decryptPreKeyWhisperMessage(body) : cipher.decryptWhisperMessage(body))
  ).toString();
};

/** Both have talked in one session, of which a message is still on its way, and then in a newer one. */
const withLateMessage = async (cipher: typeof SessionCipher) => {
  const [us, them] = [new Side(1, cipher), new Side(2)];
  await them.begin(us.bundle);
  await read(us, await write(them, 'hello'));
  await read(them, await write(us, 'hello to you'));
  const late = await write(them, 'late');
  await us.begin(them.bundle);
  await read(them, await write(us, 'a newer session'));
  await read(us, await write(them, 'used last'));
  return { us, them, late };
};

describe('a message of an older session that comes late', () => {
  const aloud = quietLibsignal();
  afterAll(aloud);

  it('is read, and breaks no newer one', async () => {
    const { us, them, late } = await withLateMessage(repaired());
    expect(await read(us, late)).toBe('late');
    expect(await read(them, await write(us, 'after it'))).toBe('after it');
    expect(await read(us, await write(them, 'and back'))).toBe('and back');
  });

  it('still breaks the newest one with plain libsignal: the repair is needed', async () => {
    const { us, them, late } = await withLateMessage(plainly());
    expect(await read(us, late)).toBe('late');
    await expect(read(them, await write(us, 'after it'))).rejects.toThrow('No matching sessions');
  });

  it('changes nothing when it was read before, or is of nobody', async () => {
    const { us, them, late } = await withLateMessage(repaired());
    await read(us, late);
    const before = JSON.stringify(us.stored);
    await expect(read(us, late)).rejects.toThrow('No matching sessions');
    expect(JSON.stringify(us.stored)).toBe(before);
    expect(await read(them, await write(us, 'on we go'))).toBe('on we go');
  });
});
