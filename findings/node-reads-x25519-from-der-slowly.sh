#!/usr/bin/env bash
# Node 20.20.2: agreeing on an X25519 secret costs several times more CPU with keys from DER than with the same keys as JSON Web Keys.
#
# DER is binary and JSON Web Keys are base64 in an object, so one expects DER to be the cheap form; libsignal (6.0.0) uses it for every
# key. In Node 20, DER goes through OpenSSL 3's search for a decoder that fits, which takes several times as long as the work on the
# curve. A JSON Web Key is handed over as 32 raw bytes. The secrets are the same. Node 24 reads DER about as fast as the other form.
#
# Output seen (of an agreement: 428 microseconds of CPU with DER, 65 with JSON Web Keys; of a new key: 117 and 31):
#   the secrets are the same: true
#   an agreement costs more than twice as much with DER: true
#   a new key costs more than twice as much with DER: true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent "node-linux-$(node -p process.arch)@20.20.2" > /dev/null
cat > probe.mjs <<'PROBE'
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto';
const der = { publicKeyEncoding: { format: 'der', type: 'spki' }, privateKeyEncoding: { format: 'der', type: 'pkcs8' } };
const jwk = { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } };
const scalar = randomBytes(32);
const point = generateKeyPairSync('x25519', der).publicKey.subarray(-32);
const derOf = (prefix, key) => ({ key: Buffer.concat([Buffer.from(prefix, 'hex'), key]), format: 'der' });
const byDer = () =>
  diffieHellman({
    privateKey: createPrivateKey({ ...derOf('302e020100300506032b656e04220420', scalar), type: 'pkcs8' }),
    publicKey: createPublicKey({ ...derOf('302a300506032b656e032100', point), type: 'spki' }),
  });
const jwkOf = (more) => ({ key: { kty: 'OKP', crv: 'X25519', ...more }, format: 'jwk' });
const byJwk = () =>
  diffieHellman({
    privateKey: createPrivateKey(jwkOf({ d: scalar.toString('base64url'), x: '' })),
    publicKey: createPublicKey(jwkOf({ x: point.toString('base64url') })),
  });
const cost = (work) => {
  const costs = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    for (let turn = 0; turn < 1000; turn++) work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...costs);
};
console.log('the secrets are the same:', byDer().equals(byJwk()));
console.log('an agreement costs more than twice as much with DER:', cost(byDer) > 2 * cost(byJwk));
const [slow, quick] = [der, jwk].map((form) => cost(() => generateKeyPairSync('x25519', form)));
console.log('a new key costs more than twice as much with DER:', slow > 2 * quick);
PROBE
cat > expected <<'EXPECTED'
the secrets are the same: true
an agreement costs more than twice as much with DER: true
a new key costs more than twice as much with DER: true
EXPECTED
node=$(find node_modules -path '*bin/node' -type f | head -n 1)
"$node" --version
"$node" probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
