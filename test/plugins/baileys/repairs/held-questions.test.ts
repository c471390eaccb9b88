import { jidDecode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { unavailable } from '../../../../core/index.ts';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { askBeforeSending } from '../../../../plugins/baileys/repairs/held-questions.ts';
import { DeviceLists } from '../../../../plugins/baileys/socket/device-lists.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const me = { id: '4915200003001:7@s.whatsapp.net', lid: '777:7@lid' };
const ana = '888@lid';
const group = '1203630@g.us';
const minute = 60_000;

/** A socket whose server knows one device of everybody, and does not answer while `isSilent`. */
const opened = () => {
  let now = 1_000;
  const devices = new DeviceLists(() => now);
  const questions: string[][] = [];
  const keysAsked: string[][] = [];
  const relayed: string[] = [];
  const stored: Record<string, string[]> = {};
  const world = {
    isSilent: false,
    answer: Promise.resolve(),
    without: new Set<string>(),
    answersAs: new Map<string, string>(),
  };
  const getUSyncDevices = async (jids: string[], useCache: boolean) => {
    const asked = jids.filter((jid) => !useCache || !devices.get(jidDecode(jid)?.user ?? ''));
    if (asked.length > 0) {
      questions.push(asked);
      await world.answer;
      if (world.isSilent) throw unavailable('WhatsApp did not answer in time');
    }
    const named = (jid: string) => world.answersAs.get(jid) ?? jid;
    for (const jid of asked) {
      const { user = '', server = '' } = jidDecode(named(jid)) ?? {};
      if (!world.without.has(jid)) devices.set(user, [{ user, server, device: 0 }]);
    }
    const found = jids.filter((jid) => !world.without.has(jid));
    return found.map((jid) => ({ user: jidDecode(named(jid))?.user ?? '', device: 0, jid: named(jid) }));
  };
  const keys = { get: async (type: string) => (type === 'device-list' ? stored : {}) };
  const sock = {
    ...{ authState: { creds: { me }, keys }, getUSyncDevices },
    assertSessions: async (jids: string[]) => void keysAsked.push(jids),
    relayMessage: async (jid: string) => void relayed.push(jid),
  } as unknown as BaileysSocket;
  askBeforeSending(sock, devices, async () => [ana, '999@lid'], { claim: (call) => call });
  const send = (jid: string, options = {}) => sock.relayMessage(jid, {}, options as never);
  const pass = (milliseconds: number) => (now += milliseconds);
  return { sock, devices, world, questions, keysAsked, relayed, stored, send, pass };
};

describe('devices and keys of those whom a message goes to', () => {
  let at: ReturnType<typeof opened>;
  beforeEach(() => {
    at = opened();
  });

  it('are asked for before it is encrypted, once for as long as the answer is fresh', async () => {
    for (let times = 0; times < 3; times++) await at.send(ana);
    expect([at.questions, at.keysAsked, at.relayed]).toEqual([[['777@lid', ana]], [['777@lid', ana]], [ana, ana, ana]]);
    at.pass(6 * minute);
    await at.send(ana);
    expect(at.questions).toHaveLength(2);
  });

  it('are asked for once by all who write to a chat, and keep no other chat waiting', async () => {
    await at.send(ana);
    const answer = deferred();
    at.world.answer = answer.promise;
    const waiting = [at.send(group), at.send(group)];
    await at.send(ana);
    expect(at.relayed).toEqual([ana, ana]);
    answer.resolve();
    await Promise.all(waiting);
    expect([at.questions.slice(1), at.relayed.length]).toEqual([[['999@lid']], 4]);
  });

  it('are asked for neither for a channel nor for who asks for a message again', async () => {
    await at.send('1@newsletter');
    await at.send(ana, { participant: { jid: ana, count: 1 } });
    await at.send('status@broadcast', { statusJidList: ['999@lid'] });
    expect(at.questions).toEqual([['999@lid']]);
  });

  it('are those of before when nobody answers, and only strangers are asked about for a while', async () => {
    await at.send(ana);
    at.pass(6 * minute);
    at.world.isSilent = true;
    await at.send(ana);
    expect(at.questions).toHaveLength(2);
    at.pass(6 * minute);
    Object.assign(at.stored, { '999': ['0', '3'] });
    await at.send(group);
    expect(at.questions).toHaveLength(3);
    at.pass(minute / 2);
    await at.send(group);
    await expect(at.send('4915200003009@s.whatsapp.net')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(at.questions).toHaveLength(4);
    expect(at.relayed).toEqual([ana, ana, group, group]);
  });

  it('are asked for once also of somebody who has none, so that nobody is asked in the lock', async () => {
    at.world.without.add('999@lid');
    await at.send(group);
    expect([at.questions.length, at.devices.get('999')]).toEqual([1, []]);
    at.world.isSilent = true;
    await at.send(group);
    at.pass(6 * minute);
    await at.send(group);
    expect([at.questions.length, at.relayed.length]).toEqual([2, 3]);
  });

  it('are kept for whom was asked about when the answer names the account otherwise', async () => {
    const asked = '5531988887777@s.whatsapp.net';
    at.world.answersAs.set(asked, '553188887777@s.whatsapp.net');
    for (let times = 0; times < 2; times++) await at.send(asked);
    expect(at.questions).toHaveLength(1);
    expect(at.devices.get('5531988887777')).toEqual([{ user: '553188887777', server: 's.whatsapp.net', device: 0 }]);
  });

  it('are asked for again after a question that failed', async () => {
    at.world.isSilent = true;
    await expect(at.send(ana)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    at.world.isSilent = false;
    await at.send(ana);
    expect([at.questions.length, at.relayed]).toEqual([2, [ana]]);
  });
});
