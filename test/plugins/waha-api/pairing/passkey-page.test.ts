import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { checkedAssertion } from '../../../../plugins/baileys/linking/assertion.ts';
import { Passkey } from '../../../../plugins/sandbox/linking/passkey.ts';
import { passkeyPage } from '../../../../plugins/waha-api/pairing/passkey-page.ts';

const script = passkeyPage.made?.['page.js']?.make() ?? '';
/** What the page gives people to paste, with the challenge in it. */
const lineFor = (challenge: object): string => {
  const [, text = '""'] = /^const line = (".*");$/m.exec(script) ?? [];
  return (JSON.parse(text) as string).replace('CHALLENGE', () => JSON.stringify(challenge));
};

const passkey = new Passkey('4915200000901');
const credential = { id: passkey.credentialId.toString('base64url'), type: 'public-key' };
const challenge = {
  ...{ challenge: Buffer.from([251, 255, 191, ...Buffer.alloc(29, 0xfe)]).toString('base64url'), timeout: 600_000 },
  ...{ rpId: 'whatsapp.com', allowCredentials: [credential], userVerification: 'required', extensions: { uvm: true } },
};

describe('the line for the console of web.whatsapp.com', () => {
  it('hands the challenge to the browser as bytes, and shows an answer that WhatsApp takes', async () => {
    const asked: { challenge: Uint8Array; allowCredentials: { id: Uint8Array }[]; rpId: string }[] = [];
    const shown: string[] = [];
    const bytes = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, 'base64url')).buffer;
    const get = async ({ publicKey }: { publicKey: (typeof asked)[number] }) => {
      asked.push(publicKey);
      const { id, rawId, type, response } = passkey.assert(challenge);
      const { clientDataJSON, authenticatorData, signature, userHandle } = response;
      const [data, authenticator] = [bytes(clientDataJSON), bytes(authenticatorData)];
      const signed = { signature: bytes(signature), userHandle: bytes(userHandle) };
      return {
        ...{ id, type, rawId: bytes(rawId) },
        response: { clientDataJSON: data, authenticatorData: authenticator, ...signed },
      };
    };
    const prompt = (_text: string, value: string) => void shown.push(value);
    await runInNewContext(lineFor(challenge), { navigator: { credentials: { get } }, prompt, atob, btoa, Uint8Array });
    expect(Buffer.from(asked[0]?.challenge ?? [])).toEqual(Buffer.from(challenge.challenge, 'base64url'));
    expect(Buffer.from(asked[0]?.allowCredentials[0]?.id ?? [])).toEqual(passkey.credentialId);
    expect(asked[0]?.rpId).toBe('whatsapp.com');
    const answer = checkedAssertion(JSON.parse(shown[0] ?? ''), challenge);
    expect(() => passkey.check(passkey.credentialId, answer as never, challenge.challenge)).not.toThrow();
  });

  it('is one line', () => {
    expect(lineFor(challenge)).not.toContain('\n');
  });
});

describe('the script of the page', () => {
  it('is JavaScript, and holds no foreign address', () => {
    expect(() => new Function(`return async () => { ${script.replaceAll('location.search', "''")} }`)).not.toThrow();
    expect(script).not.toMatch(/https?:\/\//);
  });
});
