#!/usr/bin/env bash
# libsignal 6.0.0 (the one of Baileys): a message of an older session, read late, breaks the newest session for good.
#
# A device may have several sessions with another one. SessionCipher.decryptWhisperMessage tries them one after the other, the one
# used last first. Each try turns the ratchet of the session (a new root key, a new key pair of ours) before the authentication code
# says whether the message is of it, nothing turns it back, and the whole record is stored once an older session fits. The late
# message is read as it should be; what is written next, in the newest session, the other side cannot decrypt.
#
# Output seen:
#   late message read: late
#   next message: not decrypted
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent libsignal@6.0.0 > /dev/null
node -p '"libsignal " + require("libsignal/package.json").version'
cat > probe.cjs <<'PROBE'
const { curve, ProtocolAddress, SessionBuilder, SessionCipher, SessionRecord } = require('libsignal');
const say = console.log;
for (const method of ['log', 'info', 'warn', 'error']) console[method] = () => undefined;

const side = (registrationId) => {
  const [identity, signed, oneTime] = [0, 1, 2].map(() => curve.generateKeyPair());
  let stored = null;
  const store = {
    loadSession: async () => stored && SessionRecord.deserialize(JSON.parse(stored)),
    storeSession: async (_, record) => void (stored = JSON.stringify(record.serialize())),
    isTrustedIdentity: () => true,
    loadPreKey: async () => oneTime,
    removePreKey: async () => undefined,
    loadSignedPreKey: () => signed,
    getOurRegistrationId: () => registrationId,
    getOurIdentity: () => identity,
  };
  const address = new ProtocolAddress('other', 0);
  const signature = curve.calculateSignature(identity.privKey, signed.pubKey);
  return {
    bundle: {
      identityKey: identity.pubKey,
      registrationId,
      preKey: { keyId: 5, publicKey: oneTime.pubKey },
      signedPreKey: { keyId: 1, publicKey: signed.pubKey, signature },
    },
    begin: (bundle) => new SessionBuilder(store, address).initOutgoing(bundle),
    write: (text) => new SessionCipher(store, address).encrypt(Buffer.from(text)),
    read: async ({ type, body }) => {
      const cipher = new SessionCipher(store, address);
      const bytes = Buffer.from(body, 'binary');
      return String(await (type === 3 ? cipher.decryptPreKeyWhisperMessage(bytes) : cipher.decryptWhisperMessage(bytes)));
    },
  };
};

(async () => {
  const [us, them] = [side(1), side(2)];
  await them.begin(us.bundle);
  await us.read(await them.write('hello'));
  await them.read(await us.write('hello to you'));
  const late = await them.write('late');
  await us.begin(them.bundle);
  await them.read(await us.write('a newer session'));
  await us.read(await them.write('used last'));
  say('late message read:', await us.read(late));
  say('next message:', await them.read(await us.write('next')).then((text) => `read: ${text}`, () => 'not decrypted'));
})();
PROBE
cat > expected <<'EXPECTED'
late message read: late
next message: not decrypted
EXPECTED
node probe.cjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
