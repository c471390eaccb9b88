import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSandboxServer, type SandboxServer } from '../../../../plugins/sandbox/standalone.ts';
import { lidJid } from '../../../../plugins/sandbox/wire/jids.ts';
import { hush, link } from '../support.ts';

const PHONE = '5511999990001';
const ANA = '5511888880001';
const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex');

describe('the control API of accounts', () => {
  let server: SandboxServer;
  let linked: Awaited<ReturnType<typeof link>>;

  beforeAll(async () => {
    hush();
    server = await runSandboxServer({ controlPort: 0, print: () => undefined });
    linked = await link(server.sandbox, PHONE);
    await linked.client.until('creds.update', ({ accountSyncCounter }) => accountSyncCounter);
  });
  afterAll(async () => {
    await linked.client.close();
    await server.close();
  });

  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${server.controlUrl}/api/sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      bytes,
      body: isJson && bytes.length > 0 ? (JSON.parse(bytes.toString()) as never) : undefined,
    };
  };

  it('changes profiles, and clients are told of pictures', async () => {
    const changed = await call('PUT', `/profiles/${ANA}`, {
      name: 'Ana',
      about: 'busy',
      picture: jpeg.toString('base64'),
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { number: ANA, name: 'Ana', about: 'busy', picture: { bytes: 10 }, hidden: false },
    });
    await linked.client.until('contacts.update', (contacts) => contacts.some(({ imgUrl }) => imgUrl === 'changed'));
    const { socket } = linked.client;
    expect(await socket.profilePictureUrl(`${ANA}@s.whatsapp.net`, 'preview')).toContain('_preview.jpg');
    expect((await call('GET', `/profiles/${ANA}/picture`)).bytes.equals(jpeg)).toBe(true);
    expect(await socket.fetchStatus(`${ANA}@s.whatsapp.net`)).toMatchObject([{ status: { status: 'busy' } }]);
    await call('PUT', `/profiles/${ANA}`, { hidden: true });
    await expect(socket.profilePictureUrl(`${ANA}@s.whatsapp.net`)).rejects.toThrow('not-authorized');
    await call('PUT', `/profiles/${ANA}`, { hidden: false, picture: null });
    await expect(socket.profilePictureUrl(`${ANA}@s.whatsapp.net`)).rejects.toThrow('item-not-found');
    expect((await call('GET', `/profiles/${ANA}/picture`)).status).toBe(404);
  });

  it('changes chats, contacts and labels on the phone, and clients hear of it', async () => {
    const { client } = linked;
    const post = (body: object) => call('POST', `/phones/${PHONE}/app-state`, { chat: ANA, ...body });
    const chat = (fits: (update: object) => boolean) => client.until('chats.update', (updates) => updates.some(fits));
    const changes: [object, () => Promise<unknown>][] = [
      [{ archive: true }, () => chat((update) => 'archived' in update && update.archived === true)],
      [{ pin: true }, () => chat((update) => 'pinned' in update && Number(update.pinned) > 0)],
      [{ mute: 1_900_000_000_000 }, () => chat((update) => 'muteEndTime' in update && Number(update.muteEndTime) > 0)],
      [{ read: false }, () => chat((update) => 'unreadCount' in update && update.unreadCount === -1)],
      [
        { contact: { fullName: 'Ana de la Cruz' } },
        () => client.until('contacts.upsert', ([one]) => one?.name === 'Ana de la Cruz'),
      ],
      [
        { star: { id: 'ABC' } },
        () => client.until('messages.update', ([one]) => one?.key.id === 'ABC' && one.update.starred),
      ],
      [
        { label: { id: '7', name: 'VIP', color: 3 } },
        () => client.until('labels.edit', ({ id, name }) => id === '7' && name === 'VIP'),
      ],
      [
        { labelled: { id: '7' } },
        () =>
          client.until('labels.association', ({ type, association }) => type === 'add' && association.labelId === '7'),
      ],
    ];
    for (const [body, heard] of changes) {
      expect((await post(body)).status).toBe(201);
      await heard();
    }
    const state = (await call('GET', `/phones/${PHONE}/app-state`)).body as unknown as { index: string[] }[];
    expect(state.map(({ index }) => index[0])).toEqual(
      expect.arrayContaining([
        'archive',
        'pin_v1',
        'mute',
        'markChatAsRead',
        'contact',
        'star',
        'label_edit',
        'label_jid',
      ]),
    );
  });

  it('blocks somebody on the phone', async () => {
    await call('POST', `/phones/${PHONE}/blocked`, { number: ANA });
    await linked.client.until(
      'blocklist.update',
      ({ blocklist, type }) => type === 'add' && blocklist[0] === lidJid(ANA),
    );
    expect(await linked.client.socket.fetchBlocklist()).toEqual([lidJid(ANA)]);
    expect((await call('GET', `/profiles/${PHONE}`)).body).toMatchObject({ blocked: [ANA] });
    await call('POST', `/phones/${PHONE}/blocked`, { number: ANA, blocked: false });
    expect(await linked.client.socket.fetchBlocklist()).toEqual([]);
  });

  it('calls, answers on the phone, and knows what became of calls', async () => {
    const { body } = await call('POST', `/contacts/${ANA}/calls`, {
      to: PHONE,
      video: true,
      group: '120363000000000001@g.us',
    });
    const { id } = body as unknown as { id: string };
    await linked.client.until(
      'call',
      ([one]) => one?.id === id && one.status === 'offer' && one.isGroup && one.isVideo,
    );
    expect((await call('POST', `/calls/${id}/answer`, { action: 'accept' })).body).toMatchObject({
      id,
      state: 'accepted',
    });
    await linked.client.until('call', ([one]) => one?.id === id && one.status === 'terminate');
    expect((await call('POST', `/contacts/${ANA}/calls`, { to: PHONE, id })).status).toBe(201);
    expect((await call('GET', '/calls')).body).toMatchObject([{ id, from: ANA, to: PHONE, state: 'ended' }]);
  });

  it('refuses what makes no sense', async () => {
    const cases: [string, string, unknown, number][] = [
      ['POST', `/phones/${PHONE}/app-state`, { chat: ANA }, 400],
      ['POST', `/phones/${PHONE}/app-state`, { pin: true }, 400],
      ['POST', `/phones/${PHONE}/app-state`, { chat: 'nobody', pin: true }, 400],
      ['POST', '/phones/5511000000000/app-state', { chat: ANA, pin: true }, 404],
      ['PUT', `/profiles/${ANA}`, { picture: 5 }, 400],
      ['POST', '/calls/NONE/answer', { action: 'accept' }, 404],
      ['POST', `/contacts/${ANA}/calls`, { to: PHONE, id: 'NONE' }, 404],
    ];
    for (const [method, path, body, status] of cases)
      expect([path, (await call(method, path, body)).status]).toEqual([path, status]);
  });
});
