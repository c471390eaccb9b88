import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { parseJson } from '../../../core/config/bounded-json.ts';
import { parseYaml } from '../../../core/config/parse-yaml.ts';
import { fillPlaceholders, PlaceholderFault } from '../../../core/config/placeholders.ts';
import { configInvalid } from '../../../core/errors.ts';
import { readForm } from '../../../core/http/form-reader.ts';
import { readTextForm } from '../../../core/http/text-form.ts';
import { createPolicy } from '../../../core/network/egress-policy.ts';
import { firstLink } from '../../../plugins/baileys/client/links.ts';
import { readPage } from '../../../plugins/baileys/client/web-page.ts';
import { chatIdOf, digitsOf, jidOf, readMessageId } from '../../../plugins/baileys/messages/ids.ts';
import { vCardOf } from '../../../plugins/waha-api/chatting/vcards.ts';
import type { Parser } from './explore.ts';
import { must, refusing } from './refusals.ts';

const boundary = 'b';
const part = (head: string, content: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;

/** A request whose body comes in two pieces, cut where the body itself says. */
const requestOf = (body: Buffer): IncomingMessage => {
  const cut = body.length === 0 ? 0 : (body[0] ?? 0) % body.length;
  const stream = Readable.from([body.subarray(0, cut), body.subarray(cut)].filter(({ length }) => length > 0));
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  const request = Object.assign(stream, { headers, complete: false });
  stream.once('end', () => Object.assign(request, { complete: true }));
  return request as unknown as IncomingMessage;
};

const forms: Parser = {
  name: 'forms',
  files: /core\/http\/form-reader|fastify\/busboy/,
  seeds: [
    `${part('name="session"', 'default')}${part('name="file"; filename="a.png"', 'bytes')}--${boundary}--\r\n`,
    `${part('name="chatIds[]"', '1')}${part('name="chatIds[]"', '2')}--${boundary}--\r\n`,
    `--${boundary}\r\nContent-Disposition: form-data; name="poll"\r\nContent-Type: application/json\r\n\r\n{"a":[1]}\r\n--${boundary}--`,
    `--${boundary}\r\nContent-Disposition: form-data\r\n\r\n\r\n--${boundary}--`,
  ],
  words: [
    ...[`--${boundary}`, '\r\n', '\r\n\r\n', '--', 'Content-Disposition: form-data', '; name="', '; filename="', '"'],
    ...[
      'Content-Type: ',
      'application/json',
      "; filename*=utf-8''%41",
      'Content-Transfer-Encoding: base64',
      '%',
      '\\"',
    ],
  ],
  parse: async (input) => {
    const form = (await refusing(() => readForm(requestOf(input), { field: 'file', maxBytes: 4_096 }))) as
      | Awaited<ReturnType<typeof readForm>>
      | undefined;
    if (!form) return;
    await form.discard();
    must(!form.file || (form.file.size <= 4_096 && !existsSync(form.file.path)), 'a file is left behind');
  },
};

const textForms: Parser = {
  name: 'text forms',
  files: /core\/http\/text-form|node_modules\/qs\//,
  seeds: ['session=default&chatId=1%40c.us&text=a+b', 'file[url]=x&options[]=a&options[]=b', 'a[b][c][d]=1&a[0]=2'],
  words: ['&', '=', '[', ']', '[]', '[0]', '%5B', '%5D', '+', '%', '%00', '__proto__', 'constructor', 'a[999]='],
  parse: (input) =>
    refusing(() => {
      readTextForm(input.toString('utf8'));
      must(!('polluted' in {}), 'every object has a new property');
    }),
};

const json: Parser = {
  name: 'json',
  files: /core\/config\/bounded-json/,
  seeds: ['{"a":[1,"\\"",{"b":null}]}', '[[[]],"\\\\",1e5,true]', '"text"'],
  words: ['{', '}', '[', ']', ',', ':', '"', '\\"', '\\\\', '\\u0000', 'null', '1e999', '"__proto__":'],
  parse: (input) => refusing(() => parseJson(input.toString('utf8'), 'the body')),
};

const cards: Parser = {
  name: 'vCards',
  files: /chatting\/vcards|node_modules\/ical\.js/,
  seeds: [
    'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jane Doe\r\nTEL;type=CELL;waid=1:+1 1\r\nEND:VCARD',
    'BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=41=\n=42;a\nEND:VCARD',
    'BEGIN:VCARD\nVERSION:4.0\nitem1.FN;LANGUAGE="a,b":A\n B\nBDAY:20000101\nPHOTO;VALUE=URI:data:x\nEND:VCARD',
  ],
  words: [
    ...['BEGIN:VCARD', 'END:VCARD', 'VERSION:', '\r\n', '\n ', ':', ';', ',', '"', '\\n', '^n', '=\r\n', '=4'],
    ...[
      'FN',
      'N:',
      ';VALUE=',
      'date-time',
      ';TYPE=',
      ';ENCODING=',
      'QUOTED-PRINTABLE',
      ';CHARSET=',
      'utf-16',
      'BEGIN:',
    ],
  ],
  parse: (input) =>
    refusing(() => {
      // The schema refuses an empty one.
      const { name } = vCardOf({ vcard: input.toString('utf8') || ' ' }, 0);
      must(typeof name === 'string' && name !== '', 'a card without a name is taken');
    }),
};

const env = { PORT: '3000', EMPTY: '' };
const yaml: Parser = {
  name: 'YAML and its placeholders',
  files: /core\/config\/(parse-yaml|placeholders)/,
  seeds: [
    `plugins:\n  - use: express\n    config: { port: "\${PORT:-3000}" }\nlog: { level: info }\n`,
    `a: &x { b: "\${NONE:-\${PORT}}", c: "$\${PORT}" }\nd: *x\n`,
    `a: "\${file:none}"\nb: |\n  \${PORT}\n`,
  ],
  words: [
    ...[`\${`, '}', ':-', 'PORT', 'file:', `$\${`, '- ', ': ', '\n  ', '&x', '*x', '|\n', '>', '{', '[', '!!', '---\n'],
    ...['"', "'", '#', '<<: ', '? ', '%YAML 1.1\n', '\t', '\u0000'],
  ],
  parse: (input) =>
    refusing(() =>
      parseYaml(input.toString('utf8'), 'waha.config.yaml', (text) => {
        try {
          // Nothing of this machine is read.
          return { value: text.includes('file:') ? text : fillPlaceholders(text, { env, baseDir: '/none' }).text };
        } catch (fault) {
          if (!(fault instanceof PlaceholderFault)) throw fault;
          throw configInvalid(fault.message);
        }
      }),
    ),
};

const ids: Parser = {
  name: 'ids',
  files: /baileys\/messages\/ids|contracts\/phone-number/,
  seeds: [
    '4915200002001@c.us',
    '120363000000000001@g.us',
    '1@lid',
    '@ana.b',
    'status@broadcast',
    'true_1234567@c.us_3EB0_1@lid',
  ],
  words: [
    '@',
    '_',
    ':',
    '@c.us',
    '@g.us',
    '@lid',
    '@newsletter',
    '@broadcast',
    '@s.whatsapp.net',
    '+',
    '-',
    '.',
    '0',
    'true_',
  ],
  parse: async (input) => {
    const text = input.toString('utf8');
    await refusing(() => digitsOf(text));
    await refusing(() => readMessageId(text, 'id'));
    await refusing(() => {
      const jid = jidOf(text);
      must(jidOf(chatIdOf(jid)) === jid, `${jid} is read as another when it comes back`);
    });
  },
};

const pages: Parser = {
  name: 'link previews',
  files: /client\/(web-page|links)|node_modules\/(htmlparser2|entities|linkifyjs|encoding-sniffer)/,
  seeds: [
    '<html><head><title>T &amp; t</title><meta property="og:title" content="A"><meta name=description content=\'B\'></head>',
    '<meta charset="shift_jis"><svg><title>no</title></svg><script>"<title>"</script><p>x<p>y<!-- c --><![CDATA[ x ]]>',
    'see https://a.example/x_(y)?z=1. *www.b.example*, and mailto:c@d.example',
  ],
  words: [
    ...['<', '>', '</', '/>', '="', "'", '<!--', '-->', '<![CDATA[', ']]>', '&amp;', '&#x', ';', '<title>', '</title>'],
    ...[
      '<meta ',
      ' content=',
      ' property=',
      'og:title',
      '<script>',
      '</script>',
      '<p>',
      '<b id=1>',
      '<svg>',
      '<?xml',
      'https://',
    ],
  ],
  parse: async (input) => {
    const { title = '', description = '' } = await readPage(
      input,
      `text/html; charset=${input.toString('latin1', 0, 8)}`,
    );
    must(title.length <= 300 && description.length <= 600, 'a preview is too long');
    firstLink(input.toString('utf8'));
  },
};

/** Addresses of this machine and its networks, as a URL has them. */
const closed = /^(0|10|127|169\.254|192\.168)\.|^\[(::|f[cde])/;

/** One of IPv4 may be written as one of IPv6, and is closed when that is. */
const isClosed = (hostname: string): boolean => {
  const [, high, low] = /^\[::ffff:([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return closed.test(hostname);
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return closed.test([upper >> 8, upper & 255, lower >> 8, lower & 255].join('.'));
};

const urls: Parser = {
  name: 'URLs that users give',
  files: /core\/network\/|node_modules\/ipaddr/,
  seeds: [
    'https://a.example/x?y#z',
    'http://127.0.0.1:1/',
    'http://[::ffff:7f00:1]/',
    'http://0x7f.1/',
    'http://2130706433/',
  ],
  words: [
    'http://',
    'https://',
    '[',
    ']',
    ':',
    '@',
    '/',
    '.',
    '0x',
    '::',
    'ffff:',
    '%00',
    '127',
    '169.254.169.254',
    '。',
    'localhost',
  ],
  parse: (input) =>
    refusing(() => {
      const { host } = createPolicy().target(input.toString('utf8'), false);
      const { hostname } = new URL(`http://${host}`);
      must(isIP(hostname.replace(/[[\]]/g, '')) === 0 || !isClosed(hostname), `${host} is let through`);
    }),
};

export const textParsers: readonly Parser[] = [forms, textForms, json, cards, yaml, ids, pages, urls];
