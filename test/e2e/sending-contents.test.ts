import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aesEncryptGCM, hmacSign, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation();
const { phone, chatId } = talk;

/** A folder with an ffmpeg that writes `converted` into the file named last. */
const fakeFfmpeg = (): string => {
  const folder = mkdtempSync(join(talk.world.outside.folder, 'bin-'));
  writeFileSync(join(folder, 'ffmpeg'), '#!/bin/sh\nfor out; do :; done\nprintf converted > "$out"\n');
  chmodSync(join(folder, 'ffmpeg'), 0o755);
  return folder;
};

describe('places, cards, polls and lists', () => {
  it('arrive as they were asked for', async () => {
    const place = await talk.delivered('/api/sendLocation', { latitude: 38.89, longitude: -77.09, title: 'Home' });
    expect(place.message.locationMessage).toMatchObject({ degreesLatitude: 38.89, name: 'Home' });
    expect(place.sent.location).toMatchObject({ latitude: '38.89', longitude: '-77.09', name: 'Home' });
    const contacts = [
      { fullName: 'Jo; Doe', organization: 'ACME', phoneNumber: '+49 152 1', whatsappId: '491521' },
      { vcard: 'BEGIN:VCARD\nVERSION:3.0\nFN:Kim\nEND:VCARD' },
    ];
    const cards = await talk.delivered('/api/sendContactVcard', { contacts });
    const names = cards.message.contactsArrayMessage?.contacts?.map(({ displayName }) => displayName);
    expect(names).toEqual(['Jo; Doe', 'Kim']);
    expect(cards.sent.vCards?.[0]).toContain('TEL;type=CELL;type=VOICE;waid=491521:+49 152 1');
    expect((await talk.send('/api/sendContactVcard', { chatId, contacts: [{ vcard: 'x' }] })).status).toBe(400);
    const sections = [{ title: 'Main', rows: [{ title: 'Fish', rowId: 'fish', description: null }] }];
    const list = await talk.delivered('/api/sendList', { message: { title: 'Menu', button: 'Choose', sections } });
    expect(list.message.listMessage).toMatchObject({
      title: 'Menu',
      buttonText: 'Choose',
      sections: [{ rows: [{ rowId: 'fish' }] }],
    });
  });

  it('show a preview of one’s own, with its picture', async () => {
    const preview = { url: 'https://shop.example/', title: 'Shop', description: 'All of it', image: { data: png } };
    const text = 'Come to https://shop.example/ today';
    const { message } = await talk.delivered('/api/send/link-custom-preview', { text, preview });
    expect(message.extendedTextMessage).toMatchObject({ title: 'Shop', matchedText: 'https://shop.example/' });
    expect(message.extendedTextMessage?.thumbnailDirectPath).toMatch(/^\/v\//);
    const elsewhere = await talk.send('/api/send/link-custom-preview', { chatId, text: 'no link', preview });
    expect([elsewhere.status, elsewhere.body.message[0]]).toEqual([400, 'text must contain preview.url']);
  });

  it('have buttons, where phones still show them', async () => {
    const buttons = [
      { type: 'reply', text: 'Yes' },
      { type: 'url', text: 'Shop', url: 'https://shop.example' },
    ];
    const { message } = await talk.delivered('/api/sendButtons', { header: 'H', body: 'B', footer: 'F', buttons });
    const flow = message.viewOnceMessage?.message?.interactiveMessage?.nativeFlowMessage;
    expect(flow?.buttons?.map(({ name }) => name)).toEqual(['quick_reply', 'cta_url']);
    const body = { chatId, body: 'B', buttons: [{ type: 'copy', text: 'Copy' }] };
    expect((await talk.send('/api/sendButtons', body)).body.message[0]).toMatch(/^buttons\[0\]\.copyCode/);
  });
});

describe('files', () => {
  const cases: [string, string, string, Buffer][] = [
    ['/api/sendImage', 'imageMessage', 'image/png', Buffer.from(png, 'base64')],
    [
      '/api/sendFile',
      'documentMessage',
      'application/pdf',
      Buffer.concat([Buffer.from('%PDF-1.7'), randomBytes(300_000)]),
    ],
    [
      '/api/sendVoice',
      'audioMessage',
      'audio/ogg; codecs=opus',
      Buffer.concat([Buffer.from('OggS'), randomBytes(9000)]),
    ],
    [
      '/api/sendVideo',
      'videoMessage',
      'video/mp4',
      Buffer.concat([Buffer.from('\0\0\0\x20ftypisom'), randomBytes(9000)]),
    ],
  ];

  it.each(cases)('%s brings it byte by byte, from base64 and from a URL', async (path, field, mimetype, bytes) => {
    talk.files.set('/a%20b.bin', bytes);
    for (const file of [
      { mimetype, filename: 'a b.bin', data: bytes.toString('base64') },
      { mimetype, url: `${talk.url}/a%20b.bin` },
    ]) {
      const { sent, message, bare } = await talk.delivered(path, {
        file,
        ...(field === 'audioMessage' ? {} : { caption: 'see' }),
      });
      expect(talk.contact.download(await talk.contact.waitForMessage(({ id }) => id === bare)).equals(bytes)).toBe(
        true,
      );
      expect(sent).toMatchObject({ hasMedia: true, media: { mimetype } });
      expect(message).toHaveProperty([field, 'mimetype'], mimetype);
      if (field === 'documentMessage') expect(message.documentMessage?.fileName).toBe('a b.bin');
      if (field === 'audioMessage') expect(message.audioMessage?.ptt).toBe(true);
      else expect(sent.body).toBe('see');
      await talk.next('message.ack', ({ id, ack }) => id === sent.id && ack === 2);
      expect(talk.about('message.any', sent.id)).toHaveLength(1);
    }
  });

  it('are refused with a 4xx that says what is wrong', async () => {
    talk.files.set('/html', Buffer.from('<!DOCTYPE html><title>Log in</title>'));
    talk.files.set('/empty', Buffer.alloc(0));
    const cases: [object, number, RegExp][] = [
      [{ url: `${talk.url}/missing` }, 422, /^file\.url could not be fetched: the server answered 404/],
      [{ url: 'http://127.0.0.1:1/x.png' }, 422, /^file\.url could not be fetched/],
      [{ url: 'http://169.254.169.254/x.png' }, 400, /^file\.url/],
      [{ url: 'ftp://x' }, 400, /^file\.url/],
      [{ url: `${talk.url}/html` }, 422, /text\/html/],
      [{ url: `${talk.url}/huge` }, 413, /^file\.url: the file is larger than 64 MB/],
      [{ data: 'not base64!' }, 400, /^file\.data must be base64/],
      [{ data: 'x' }, 400, /^file must not be empty/],
      [{ url: `${talk.url}/empty` }, 422, /^file\.url: the file is empty/],
      [{ data: Buffer.from('%PDF-1.7').toString('base64') }, 422, /application\/pdf/],
      [{}, 400, /^file/],
    ];
    for (const [file, status, says] of cases) {
      const answer = await talk.send('/api/sendImage', { chatId, file: { mimetype: 'image/png', ...file } });
      expect([file, answer.status, [answer.body.message].flat()[0]]).toEqual([
        file,
        status,
        expect.stringMatching(says),
      ]);
    }
  });

  it('are converted by ffmpeg, or refused with 422 where there is none', async () => {
    const file = { mimetype: 'audio/mpeg', data: Buffer.from('ID3 not really').toString('base64') };
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = '/nowhere';
      const refused = await talk.send('/api/sendVoice', { chatId, file, convert: true });
      expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining('ffmpeg')]);
      process.env['PATH'] = `${fakeFfmpeg()}:${path}`;
      const { message, bare } = await talk.delivered('/api/sendVoice', { file, convert: true });
      expect(message.audioMessage).toMatchObject({ mimetype: 'audio/ogg; codecs=opus', ptt: true });
      const arrived = await talk.contact.waitForMessage(({ id }) => id === bare);
      expect(talk.contact.download(arrived).toString()).toBe('converted');
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('polls', () => {
  /** A vote as the voter's phone seals it. */
  const sealed = (pollId: string, secret: Uint8Array, voter: string, chosen: readonly string[]) => {
    const creator = `${phone}@s.whatsapp.net`;
    const names = Buffer.concat([Buffer.from([pollId, creator, voter, 'Poll Vote'].join('')), Buffer.from([1])]);
    const key = hmacSign(names, hmacSign(Buffer.from(secret), new Uint8Array(32), 'sha256'), 'sha256');
    const selectedOptions = chosen.map((name) => createHash('sha256').update(name).digest());
    const encIv = randomBytes(12);
    const plain = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish();
    const encPayload = aesEncryptGCM(plain, key, encIv, Buffer.from(`${pollId}\0${voter}`));
    const pollCreationMessageKey = { remoteJid: creator, fromMe: false, id: pollId };
    return {
      pollUpdateMessage: { pollCreationMessageKey, vote: { encPayload, encIv }, senderTimestampMs: Date.now() },
    };
  };

  it('arrive, and tell of the votes of those who answer', async () => {
    const poll = { name: 'Lunch?', options: ['Fish', 'Chips'], multipleAnswers: true };
    const { sent, bare, message } = await talk.delivered('/api/sendPoll', { poll });
    expect(message.pollCreationMessage).toMatchObject({ name: 'Lunch?', selectableOptionsCount: 2 });
    const secret = message.messageContextInfo?.messageSecret ?? new Uint8Array();
    const { id } = await talk.contact.send(phone, sealed(bare, secret, talk.contact.jid, ['Chips']));
    const voted = await talk.next('poll.vote', ({ vote }) => (vote as { id: string }).id.endsWith(id));
    expect(voted).toMatchObject({
      vote: {
        id: `false_${talk.heardId}_${id}`,
        selectedOptions: ['Chips'],
        from: talk.heardId,
        to: `${phone}@c.us`,
        fromMe: false,
      },
      poll: { id: sent.id, from: `${phone}@c.us`, to: chatId, fromMe: true },
    });
    await talk.contact.send(phone, sealed('UNKNOWN', secret, talk.contact.jid, ['Chips']));
    const failed = await talk.next('poll.vote.failed', () => true);
    expect(failed).toMatchObject({ vote: { selectedOptions: [] }, poll: { id: `true_${talk.heardId}_UNKNOWN` } });
  });

  it('are refused without options to choose from', async () => {
    for (const options of [['one'], ['same', 'same']]) {
      const answer = await talk.send('/api/sendPoll', { chatId, poll: { name: 'x', options, multipleAnswers: false } });
      expect([answer.status, answer.body.message[0]]).toEqual([400, expect.stringMatching(/^poll\.options/)]);
    }
    const vote = { chatId, pollMessageId: 'X', votes: ['x'] };
    expect((await talk.send('/api/sendPollVote', vote)).status).toBe(422);
  });
});
