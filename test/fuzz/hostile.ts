const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** What is tried where a text is expected. */
export const texts: readonly string[] = [
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\u202e',
    '\ufeff',
    '%',
    '%00',
    '%ff',
    '..',
    '../..',
    '../../etc/passwd',
    '/',
    '\\',
    '#',
    '?',
    '&',
  ],
  ...['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'null', 'undefined', 'NaN', 'true'],
  ...["'; DROP TABLE messages; --", `\${HOME}`, '{{7*7}}', '<script>alert(1)</script>', '\r\nx: y', '🙂'.repeat(200)],
  ...[
    '@',
    '@c.us',
    '0@c.us',
    '1@c.us',
    '@g.us',
    '120363000000000000@g.us',
    'status@broadcast',
    '1@newsletter',
    '9'.repeat(80),
  ],
  ...['true_@c.us_', 'false_1@c.us_A', '_'.repeat(300), 'true_4915200002002@c.us_3EB0_x_y_z', '4915200002002:1@c.us'],
  ...[
    'http://',
    'file:///etc/passwd',
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
    'data:text/plain,x',
    'javascript:1',
    'ftp://x',
    'http://0x7f.1/',
  ],
  ...[
    '2026-02-30T00:00:00Z',
    '+275760-09-13T00:00:00.001Z',
    '1e400',
    '0x10',
    '-0',
    '9007199254740993',
    '8640000000000001',
  ],
  ...[
    'x'.repeat(70_000),
    `A${' '.repeat(60_000)}!`,
    '='.repeat(20_000),
    '"'.repeat(20_000),
    '<meta '.repeat(5_000),
    '('.repeat(5_000),
  ],
];

export const numbers: readonly number[] = [
  ...[-1, -0, 0, 0.5, 1e300, -1e300, 1e21, 5e-324, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, -(2 ** 63)],
  ...[8.64e15, 8.64e15 + 1, -8.64e15 - 2, 8.64e12 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
];

/** What is tried anywhere. */
export const values: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    [],
    {},
    [[]],
    [null],
    [{}],
    { length: 1e9 },
    { toString: null, valueOf: null },
    JSON.parse('{"then":1}'),
  ],
  ...[JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{"b":1}}}'), nested(60), nested(70), nested(3_000)],
  ...[new Array(300).fill(0), new Array(19_000).fill({}), new Array(30_000).fill(0)],
  Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`k${at}`, at])),
];

/** Bodies that are no JSON, or no object. */
export const bodies: readonly string[] = [
  ...[
    '',
    ' ',
    '{',
    '[',
    '"',
    'null',
    '1',
    'true',
    '"text"',
    '[]',
    '{}',
    '{"a":}',
    '{"a":1}}',
    '\ufeff{}',
    '{"a":1e999}',
  ],
  ...[
    '['.repeat(100_000),
    `{"a":"${'\\"'.repeat(200_000)}"}`,
    `{"a":"${'\\\\'.repeat(200_000)}`,
    `[${'{},'.repeat(50_000)}{}]`,
  ],
  ...[
    `{"session":"default","session":["a"]}`,
    'session=default&chatId=1&text=x',
    '--x\r\n\r\n--x--',
    `{"a":"${'\\u0000'.repeat(1_000)}"}`,
  ],
];

export const contentTypes: readonly string[] = [
  ...[
    'text/plain',
    'application/xml',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json; charset=',
  ],
  ...[
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=x',
    'multipart/mixed; boundary=x',
  ],
  ...['application/x-www-form-urlencoded', ';', 'a'.repeat(500)],
];

/** Headers that requests bear now and then. */
export const headers: readonly (readonly [string, string])[] = [
  ...(['gzip', 'deflate', 'br', 'x', 'gzip, gzip'] as const).map((value) => ['content-encoding', value] as const),
  ...(['', 'with space', 'k'.repeat(300), 'fuzz', 'fuzz-2', '\xff'] as const).map(
    (value) => ['idempotency-key', value] as const,
  ),
  ...(['application/json', '*/*', 'image/png', 'q=;;', ','] as const).map((value) => ['accept', value] as const),
  ...(['bytes=0-', 'bytes=5-1', 'bytes=0-0,1-1', 'x'] as const).map((value) => ['range', value] as const),
  ...(['', 'wrong', 'k'.repeat(5_000)] as const).map((value) => ['x-api-key', value] as const),
  ...(['http://evil.example', 'null'] as const).map((value) => ['origin', value] as const),
  ...([
    ['if-none-match', '*'],
    ['x-forwarded-for', '1.1.1.1'],
    ['cookie', 'a=b'],

    ['authorization', 'Basic x'],
  ] as const),
];
