import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** What an HTTPS server needs, and what its clients trust. All PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from([body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, body]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));
const bits = (bytes: Buffer, unused = 0): Buffer => der(0x03, Buffer.from([unused]), bytes);
const time = (text: string): Buffer => der(0x18, Buffer.from(text));
const yes = Buffer.from([0x01, 0x01, 0xff]);

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const group = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) group.unshift((left & 0x7f) | 0x80);
    bytes.push(...group);
  }
  return der(0x06, Buffer.from(bytes));
}

const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), der(0x04, value));
const nameOf = (text: string): Buffer => sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(text)))));

const LOOPBACK_V4 = Buffer.from([127, 0, 0, 1]);
const LOOPBACK_V6 = Buffer.from([...Array<number>(15).fill(0), 1]);
const LOCALHOST = Buffer.from('localhost');

/** An authority that can only vouch for this machine: its key is in this source, so nobody may trust it further. */
const authorityExtensions = (): Buffer[] => {
  const permitted = [
    der(0x82, LOCALHOST),
    der(0x87, Buffer.from([127, 0, 0, 0, 255, 0, 0, 0])),
    der(0x87, LOOPBACK_V6, Buffer.alloc(16, 0xff)),
  ].map((name) => sequence(name));
  return [
    extension('2.5.29.19', sequence(yes, integer(0)), true),
    extension('2.5.29.15', bits(Buffer.from([0x04]), 2), true),
    extension('2.5.29.30', sequence(der(0xa0, ...permitted)), true),
  ];
};

const serverExtensions = (): Buffer[] => [
  extension('2.5.29.17', sequence(der(0x82, LOCALHOST), der(0x87, LOOPBACK_V4), der(0x87, LOOPBACK_V6))),
  extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))),
];

/** The P-256 key that belongs to a label, the same in every process. */
function keyOf(label: string): KeyObject {
  const secret = createHash('sha256').update(label).digest();
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  return createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y, d: secret.toString('base64url') } });
}

interface Issue {
  readonly serial: number;
  readonly subject: string;
  readonly key: KeyObject;
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly extensions: readonly Buffer[];
}

/** An X.509 v3 certificate, PEM. Node can read certificates but not write them. */
function issue({ serial, subject, key, issuer, extensions }: Issue): string {
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const body = sequence(
    der(0xa0, integer(2)),
    integer(serial),
    algorithm,
    nameOf(issuer.name),
    sequence(time('20240101000000Z'), time('20991231235959Z')),
    nameOf(subject),
    createPublicKey(key).export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  );
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, issuer.key)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

let identity: TlsIdentity | undefined;

/**
 * The TLS identity of the media server. Its authority has the same key in every process, so a client that trusts the
 * authority of one sandbox trusts the media of another on the same machine.
 */
export function tlsIdentity(): TlsIdentity {
  if (identity) return identity;
  const authority = { name: 'waha-runtime sandbox', key: keyOf('waha-runtime sandbox: tls authority 1') };
  const key = keyOf('waha-runtime sandbox: tls server 1');
  identity = {
    key: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: issue({ serial: 2, subject: 'localhost', key, issuer: authority, extensions: serverExtensions() }),
    ca: issue({
      serial: 1,
      subject: authority.name,
      key: authority.key,
      issuer: authority,
      extensions: authorityExtensions(),
    }),
  };
  return identity;
}
