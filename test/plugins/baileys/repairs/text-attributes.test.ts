import { type BinaryNode, decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';
import { TOKEN_MAP } from '@whiskeysockets/baileys/lib/WABinary/constants.js';
import { afterAll, describe, expect, it } from 'vitest';
import { askWithTexts, encodeTexts, forgetObjectWords } from '../../../../plugins/baileys/repairs/text-attributes.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const create = (subject: string): BinaryNode => ({ tag: 'create', attrs: { subject, key: 'lunch:2@noon' } });
const read = async (bytes: Buffer): Promise<string | undefined> => (await decodeBinaryNode(bytes)).attrs['subject'];

describe('a text with an @', () => {
  const texts = ['@', 'a@b', 'lunch:2@noon', 'a_1:5@b', 'team@lid', '1@s.whatsapp.net', 'ü@ö', `${'x'.repeat(300)}@y`];

  it.each(texts)('is written as it is: %s', async (text) => {
    expect(await read(encodeTexts(create(text)))).toBe(text);
  });

  it('leaves what stands beside it as it was', async () => {
    const node = {
      tag: 'iq',
      attrs: { to: '@g.us', type: 'set', id: '1.2-3' },
      content: [create('lunch:2@noon'), { tag: 'participant', attrs: { jid: '4915200003001:3@s.whatsapp.net' } }],
    };
    const { content, ...head } = await decodeBinaryNode(encodeTexts(node));
    expect(head).toEqual({ tag: 'iq', attrs: node.attrs });
    expect((content as BinaryNode[]).map(({ attrs }) => attrs)).toEqual([
      { subject: 'lunch:2@noon', key: 'lunch:2@s.whatsapp.net' },
      { jid: '4915200003001:3@s.whatsapp.net' },
    ]);
  });

  it('is asked with like any other query, and its refusal is thrown', async () => {
    const sent: BinaryNode[] = [];
    const plainly: BinaryNode[] = [];
    const refusal = { tag: 'iq', attrs: { type: 'error' }, content: [{ tag: 'error', attrs: { code: '406' } }] };
    const sock = {
      query: async (node: BinaryNode) => void plainly.push(node),
      generateMessageTag: () => 'tag.1',
      waitForMessage: async (id: string) => ({ ...refusal, attrs: { ...refusal.attrs, id } }),
      sendRawMessage: async (bytes: Buffer) => void sent.push(await decodeBinaryNode(bytes)),
    } as unknown as BaileysSocket;
    askWithTexts(sock);
    await sock.query(create('noon'));
    expect([plainly.length, sent]).toEqual([1, []]);
    const asked = sock.query({ tag: 'iq', attrs: {}, content: [create('lunch:2@noon')] });
    await expect(asked).rejects.toMatchObject({ data: 406 });
    expect(sent).toMatchObject([{ attrs: { id: 'tag.1' }, content: [{ attrs: { subject: 'lunch:2@noon' } }] }]);
  });

  it('still needs the repair: plain Baileys makes another text of it', async () => {
    expect(await read(encodeBinaryNode(create('lunch:2@noon')))).toBe('lunch:2@s.whatsapp.net');
  });
});

describe('a text that names what every object has', () => {
  const words = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'];
  const own = Object.getPrototypeOf(TOKEN_MAP);
  afterAll(() => Object.setPrototypeOf(TOKEN_MAP, own));

  it.each(words)('is written as it is, in a stanza of any kind: %s', async (word) => {
    Object.setPrototypeOf(TOKEN_MAP, Object.prototype);
    // Plain Baileys, which shows that the repair is still needed.
    expect(await read(encodeBinaryNode(create(word)))).toBe('');
    forgetObjectWords();
    expect(await read(encodeBinaryNode(create(word)))).toBe(word);
    expect(await read(encodeTexts(create(word)))).toBe(word);
  });
});
