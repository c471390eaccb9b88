import { Curve, initAuthCreds, makeNoiseHandler, NOISE_WA_HEADER, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { installNativeKeys } from '../../../../plugins/baileys/libsignal/native-keys.ts';
import { trustRoot, verifySignatures } from '../../../../plugins/baileys/libsignal/verify-signatures.ts';

describe('the certificate of the server', () => {
  const root = Curve.generateKeyPair();
  const handshake = (leafKey: 'its own' | "somebody else's", signer = root) => {
    verifySignatures();
    // What takes the place of `Curve.sharedKey` must not take its place again: the check looks at its calls.
    installNativeKeys();
    const { Details } = proto.CertChain.NoiseCertificate;
    const [middle, stranger, server] = [Curve.generateKeyPair(), Curve.generateKeyPair(), Curve.generateKeyPair()];
    const named = leafKey === 'its own' ? server.public : stranger.public;
    const middleDetails = Details.encode({ serial: 1, issuerSerial: 0, key: middle.public }).finish();
    const leafDetails = Details.encode({ serial: 2, issuerSerial: 1, key: named }).finish();
    const chain = {
      intermediate: { details: middleDetails, signature: Curve.sign(signer.private, middleDetails) },
      leaf: { details: leafDetails, signature: Curve.sign(middle.private, leafDetails) },
    };
    return serverHello(server, proto.CertChain.encode(chain).finish());
  };

  /** The server's half of the Noise handshake, made with Baileys' own handler: both halves mix alike. */
  const serverHello = (staticKey: ReturnType<typeof Curve.generateKeyPair>, payload: Uint8Array): (() => void) => {
    const [client, ephemeral] = [Curve.generateKeyPair(), Curve.generateKeyPair()];
    const log = { level: 'silent', trace() {}, child: () => log } as never;
    const side = () => makeNoiseHandler({ keyPair: client, NOISE_HEADER: NOISE_WA_HEADER, logger: log });
    const server = side();
    server.authenticate(ephemeral.public);
    server.mixIntoKey(Curve.sharedKey(ephemeral.private, client.public));
    const staticSealed = server.encrypt(staticKey.public);
    server.mixIntoKey(Curve.sharedKey(staticKey.private, client.public));
    const payloadSealed = server.encrypt(payload);
    const hello = { serverHello: { ephemeral: ephemeral.public, static: staticSealed, payload: payloadSealed } };
    return () => side().processHandshake(hello as never, initAuthCreds().noiseKey);
  };

  it('is taken when the root has signed it for the key of the handshake', () => {
    const shake = handshake('its own');
    trustRoot(Buffer.from(root.public).toString('hex'));
    expect(shake).not.toThrow();
  });

  it("is refused when it is somebody else's, or the root has not signed it", () => {
    const replayed = handshake("somebody else's");
    const forged = handshake('its own', Curve.generateKeyPair());
    trustRoot(Buffer.from(root.public).toString('hex'));
    expect(replayed).toThrow(/certificate/);
    expect(forged).toThrow(/certificate/);
  });
});
