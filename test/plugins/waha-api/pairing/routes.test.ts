import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QrImages } from '../../../../plugins/waha-api/pairing/qr-image.ts';
import { settle } from '../../../support/clock.ts';
import { apiOnFakes } from '../api.ts';

const png = [0x89, 0x50, 0x4e, 0x47];

let api: Awaited<ReturnType<typeof apiOnFakes>>;
beforeEach(async () => {
  api = await apiOnFakes();
});
afterEach(() => api.close());

const scan = async () => {
  await api.post('/api/sessions', { name: 'default' });
  await settle();
  api.engine.last.qr();
  await settle();
};

describe('GET /api/{session}/auth/qr', () => {
  beforeEach(scan);

  it('is a PNG', async () => {
    const answer = await api.call('/api/default/auth/qr');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect([...new Uint8Array(await answer.arrayBuffer())].slice(0, 4)).toEqual(png);
  });

  it('is the PNG as base64 for who accepts JSON', async () => {
    const answer = await api.call('/api/default/auth/qr', { headers: { accept: 'application/json' } });
    const file = (await answer.json()) as { mimetype: string; data: string };
    expect(file.mimetype).toBe('image/png');
    expect([...Buffer.from(file.data, 'base64')].slice(0, 4)).toEqual(png);
  });

  it('is the text behind it with format=raw', async () => {
    expect(await api.get('/api/default/auth/qr?format=raw')).toEqual({ status: 200, body: { value: 'code-1' } });
  });

  it('is the new one when the old one is gone', async () => {
    await api.clock.pass(60_000);
    expect((await api.get('/api/default/auth/qr?format=raw')).body).toEqual({ value: 'code-2' });
  });

  it('takes no other format', async () => {
    const { status, body } = await api.get('/api/default/auth/qr?format=svg');
    expect(status).toBe(400);
    expect((body as { message: string[] }).message[0]).toMatch(/^format /);
  });
});

describe('a session that does not wait for a scan', () => {
  it.each([
    '/api/default/auth/qr',
    '/api/default/auth/qr?format=raw',
    '/api/screenshot',
    '/api/screenshot?session=default',
  ])('answers 422 with its status at %s', async (path) => {
    await scan();
    api.engine.last.open();
    await settle();
    expect(await api.get(path)).toEqual({
      status: 422,
      body: { error: expect.any(String), session: 'default', status: 'WORKING', expected: ['SCAN_QR_CODE'] },
    });
  });

  it('answers 404 when there is none', async () => {
    expect((await api.get('/api/none/auth/qr')).status).toBe(404);
    expect((await api.get('/api/screenshot?session=none')).status).toBe(404);
  });
});

describe('GET /api/screenshot', () => {
  it('is the QR code of `default` when no session is named', async () => {
    await scan();
    const answer = await api.call('/api/screenshot');
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.status).toBe(200);
  });
});

describe('POST /api/{session}/auth/request-code', () => {
  it('answers the code', async () => {
    await scan();
    const answer = await api.post('/api/default/auth/request-code', { phoneNumber: '+1 (213) 213-2130', method: null });
    expect(answer).toEqual({ status: 201, body: { code: 'CODE-0001' } });
    expect(api.engine.last.pairing.requests).toEqual(['12132132130']);
  });

  it.each([{}, { phoneNumber: '' }, { phoneNumber: 'abc' }, { phoneNumber: 123 }])(
    'refuses %j and names the field',
    async (body) => {
      await scan();
      const answer = await api.post('/api/default/auth/request-code', body);
      expect(answer.status).toBe(400);
      expect((answer.body as { message: string[] }).message[0]).toMatch(/^phoneNumber /);
    },
  );
});

describe('the passkey operations', () => {
  const assertion = {
    id: 'MQ',
    rawId: 'MQ',
    type: 'public-key',
    response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' },
  };

  it('say which status they need while a code is shown', async () => {
    await scan();
    const answers = [
      await api.get('/api/default/auth/passkey/challenge'),
      await api.post('/api/default/auth/passkey', assertion),
      await api.get('/api/default/auth/passkey/confirmation'),
      await api.post('/api/default/auth/passkey/confirm'),
    ];
    expect(answers.map(({ status, body }) => [status, (body as { expected?: string[] }).expected])).toEqual([
      [422, ['PASSKEY_REQUIRED']],
      [422, ['PASSKEY_REQUIRED']],
      [422, ['PASSKEY_CONFIRMATION_REQUIRED']],
      [422, ['PASSKEY_CONFIRMATION_REQUIRED']],
    ]);
  });

  it('answer 404 for an unknown session', async () => {
    expect((await api.get('/api/none/auth/passkey/challenge')).status).toBe(404);
  });
});

describe('a drawn code', () => {
  it('is drawn once and forgotten when a hundred others came', async () => {
    const images = new QrImages();
    const first = images.draw('first');
    expect(images.draw('first')).toBe(first);
    for (let other = 0; other < 100; other++) void images.draw(`other-${other}`);
    expect(images.draw('first')).not.toBe(first);
    expect((await images.draw('first')).png).toEqual((await first).png);
  });
});
