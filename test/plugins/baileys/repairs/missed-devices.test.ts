import { EventEmitter } from 'node:events';
import { type BinaryNode, jidDecode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { badRequest, unavailable } from '../../../../core/index.ts';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { MissedDevices, type RelayCall } from '../../../../plugins/baileys/repairs/missed-devices.ts';
import { MissedFigures } from '../../../../plugins/baileys/repairs/missed-figures.ts';
import { deviceHash } from '../../../../plugins/baileys/socket/device-hash.ts';
import { DeviceLists } from '../../../../plugins/baileys/socket/device-lists.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';
import { silentLog } from '../../../support/log.ts';

const me = { id: '4915200003001:7@s.whatsapp.net', lid: '777:7@lid' };
const ana = '888@lid';
const group = '1203630@g.us';
const minute = 60_000;

/** A socket, and a server that knows these devices. */
const opened = () => {
  let now = 1_000_000;
  const devices = new DeviceLists(() => now);
  const figures = new MissedFigures();
  const world = {
    devices: { '777': [0, 7], '888': [0], '999': [0] } as Record<string, number[]>,
    members: ['777@lid', ana],
    questions: 0,
    answer: async (): Promise<void> => undefined,
    keysAsked: [] as string[],
    locked: 0,
    written: [] as BinaryNode[],
  };
  const jidsOf = (person: string) => {
    const { user = '', server = '' } = jidDecode(person) ?? {};
    const found = (world.devices[user] ?? []).map((device) => ({ user, server, device }));
    return found.filter(({ device }) => `${user}:${device}@lid` !== me.lid);
  };
  const sock = {
    ws: new EventEmitter(),
    authState: {
      creds: { me },
      keys: {
        get: async () => ({}),
        transaction: async (work: () => Promise<void>) => {
          world.locked += 1;
          await work();
        },
      },
    },
    serverProps: { privacyTokenOn1to1: false },
    signalRepository: {
      hasSenderKey: async () => true,
      getSenderKeyDistributionMessage: async () => new Uint8Array([1]),
    },
    getUSyncDevices: async (people: string[]) => {
      world.questions += 1;
      await world.answer();
      return people.flatMap((person) => {
        const list = jidsOf(person);
        devices.set(jidDecode(person)?.user ?? '', list);
        return list.map(({ user, server, device }) => ({
          jid: device ? `${user}:${device}@${server}` : `${user}@${server}`,
        }));
      });
    },
    assertSessions: async (jids: string[]) => void world.keysAsked.push(...jids),
    createParticipantNodes: async (jids: string[], message: object, _: object, own: object | undefined) => ({
      nodes: jids.map((jid) => ({ tag: 'to', attrs: { jid }, content: [{ message, own }] })),
      shouldIncludeDeviceIdentity: false,
    }),
    sendNode: async (node: BinaryNode) => void world.written.push(node),
  } as unknown as BaileysSocket;
  const missed = new MissedDevices(sock, {
    devices,
    log: silentLog,
    watch: figures,
    askMembers: async () => world.members,
  });
  const know = (...people: string[]) => {
    for (const person of people) devices.set(jidDecode(person)?.user ?? '', jidsOf(person));
  };
  const claim = (
    jid: string,
    id: string,
    people: string[],
    message: object = { conversation: 'hi' },
    options: object = {},
  ) => missed.claim([jid, message, { messageId: id, ...options }] as RelayCall, people);
  const ack = (id: string, attrs: Record<string, string>) =>
    sock.ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id, class: 'message', ...attrs } });
  const counted = () => figures.collect().map(({ value }) => value);
  const pass = (milliseconds: number) => (now += milliseconds);
  return { sock, world, devices, know, claim, ack, counted, pass };
};

const copiesIn = (stanza: BinaryNode | undefined): BinaryNode[] => {
  const [participants] = (stanza?.content ?? []) as BinaryNode[];
  return (participants?.content ?? []) as BinaryNode[];
};
const reached = (stanza: BinaryNode | undefined) => copiesIn(stanza).map(({ attrs }) => attrs['jid']);

describe('devices that missed a message', () => {
  let at: ReturnType<typeof opened>;
  beforeEach(() => {
    at = opened();
    at.know('777@lid', ana);
  });

  const people = ['777@lid', ana];

  it('get it under its id, once, with keys that are asked for outside the lock', async () => {
    at.claim(ana, 'A', people);
    Object.assign(at.world.devices, { '777': [0, 7, 8], '888': [0, 3] });
    const answer = deferred();
    at.world.answer = () => answer.promise;
    at.ack('A', { phash: '2:another' });
    expect([at.world.questions, at.world.locked]).toEqual([1, 0]);
    answer.resolve();
    await expect.poll(() => at.world.written.length).toBe(1);
    const [stanza] = at.world.written;
    expect(stanza?.attrs).toEqual({ id: 'A', to: ana, type: 'text', device_fanout: 'false' });
    expect(reached(stanza)).toEqual(['777:8@lid', '888:3@lid']);
    expect(at.world.keysAsked).toEqual(['777:8@lid', '888:3@lid']);
    at.ack('A', { phash: '2:another' });
    await expect.poll(at.counted).toEqual([1, 2, 0]);
    expect(at.world.questions).toBe(1);
  });

  it('get the key of a group with it, also those of members who were not known', async () => {
    const call = at.claim(group, 'A', people);
    const own = deviceHash(['777@lid', '777:7@lid', ana]);
    expect(call[2].additionalAttributes).toEqual({ phash: own });
    at.world.members = [...people, '999@lid'];
    at.ack('A', { phash: '2:another' });
    await expect.poll(() => at.world.written.length).toBe(1);
    const [stanza] = at.world.written;
    expect(reached(stanza)).toEqual(['999@lid']);
    expect(copiesIn(stanza)[0]?.content).toEqual([
      { message: { conversation: 'hi', senderKeyDistributionMessage: expect.objectContaining({ groupId: group }) } },
    ]);
  });

  it('are looked for once, when none can be found', async () => {
    for (const id of ['A', 'B', 'C']) {
      at.claim(ana, id, people);
      at.ack(id, { phash: '2:another' });
      await expect.poll(() => at.world.questions).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(at.world.written).toEqual([]);
    expect(at.counted()).toEqual([1, 0, 0]);
    at.know(ana);
    at.claim(ana, 'D', people);
    at.ack('D', { phash: '2:a third one' });
    await expect.poll(() => at.world.questions).toBe(2);
  });

  it('are asked for once by all messages to a chat', async () => {
    const answer = deferred();
    at.world.answer = () => answer.promise;
    for (const id of ['A', 'B', 'C']) at.claim(ana, id, people);
    Object.assign(at.world.devices, { '888': [0, 3] });
    for (const id of ['A', 'B', 'C']) at.ack(id, { phash: '2:another' });
    answer.resolve();
    await expect.poll(() => at.world.written.map(({ attrs }) => attrs['id'])).toEqual(['A', 'B', 'C']);
    expect(at.world.questions).toBe(1);
  });

  it('are asked for again when WhatsApp does not answer, and given up after the third time', async () => {
    Object.assign(at.world.devices, { '888': [0, 3] });
    let silent = 2;
    at.world.answer = async () => {
      if (silent-- > 0) throw unavailable('WhatsApp did not answer in time');
    };
    at.know('777@lid');
    at.devices.set('888', [{ user: '888', server: 'lid', device: 0 }]);
    at.claim(ana, 'A', people);
    at.ack('A', { phash: '2:another' });
    await expect.poll(() => at.world.written.length).toBe(1);
    silent = 5;
    at.devices.set('888', [{ user: '888', server: 'lid', device: 0 }]);
    at.claim(ana, 'B', people);
    at.ack('B', { phash: '2:another' });
    await expect.poll(at.counted).toEqual([2, 1, 1]);
    expect(at.world.questions).toBe(6);
    at.world.answer = async () => {
      throw badRequest('no');
    };
    at.claim(ana, 'C', people);
    at.ack('C', { phash: '2:another' });
    await expect.poll(at.counted).toEqual([3, 1, 2]);
    expect(at.world.questions).toBe(7);
  });

  it('are none where the hash is ours, the message was refused or revoked, or goes to some only', async () => {
    const bare = ['777@lid', ana];
    const calls: [string, object, object, Record<string, string>][] = [
      ['A', {}, {}, { phash: deviceHash(bare) }],
      ['B', {}, {}, { phash: deviceHash([...bare, '777:7@lid']) }],
      ['C', {}, {}, { phash: '2:another', error: '463' }],
      ['D', {}, { participant: { jid: ana, count: 1 } }, { phash: '2:another' }],
      ['E', {}, { additionalAttributes: { category: 'peer' } }, { phash: '2:another' }],
      ['F', {}, { statusJidList: [ana] }, { phash: '2:another' }],
      ['G', {}, {}, {}],
    ];
    for (const [id, message, options] of calls) at.claim(ana, id, people, message, options);
    for (const [id, , , attrs] of calls) at.ack(id, attrs);
    at.claim(ana, 'H', people);
    at.claim(ana, 'I', people, { protocolMessage: { type: 0, key: { id: 'H' } } });
    at.ack('H', { phash: '2:another' });
    expect(at.counted()).toEqual([0, 0, 0]);
  });

  it('that are refused it leave the message what it is: sent', async () => {
    at.claim(ana, 'A', people);
    Object.assign(at.world.devices, { '888': [0, 3] });
    at.ack('A', { phash: '2:another' });
    await expect.poll(() => at.world.written.length).toBe(1);
    const heard: unknown[] = [];
    at.sock.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => void heard.push(attrs['error']));
    at.ack('A', { error: '479' });
    at.ack('B', { error: '479' });
    expect(heard).toEqual([undefined, '479']);
    expect(at.counted()).toEqual([1, 1, 1]);
  });

  it('do not get what is older than five minutes', async () => {
    at.claim(ana, 'A', people);
    Object.assign(at.world.devices, { '888': [0, 3] });
    at.pass(6 * minute);
    at.ack('A', { phash: '2:another' });
    await expect.poll(() => at.world.questions).toBe(1);
    await expect.poll(at.counted).toEqual([1, 0, 0]);
    expect(at.world.written).toEqual([]);
  });

  it('are found with the next message, when the account has told of its own', () => {
    at.sock.ws.emit('CB:notification,type:account_sync,devices', { tag: 'notification', attrs: {} });
    expect([at.devices.isFresh('777'), at.devices.isFresh('888')]).toEqual([false, true]);
  });
});

describe('the hash of devices', () => {
  it('does not depend on their order, and is over whole addresses', () => {
    const hash = deviceHash(['5511@s.whatsapp.net', '5511:3@s.whatsapp.net']);
    expect(hash).toBe(deviceHash(['5511:3@s.whatsapp.net', '5511:0@s.whatsapp.net']));
    expect(hash).toMatch(/^2:[A-Za-z0-9+/]{8}$/);
  });
});
