import type { Page } from 'waha-runtime';

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Link by passkey</title>
<link rel="stylesheet" href="page.css">
</head>
<body>
<main>
<h1>Link by passkey</h1>
<p>WhatsApp asks for the passkey of the account. Browsers use it on WhatsApp's own pages only, so this takes four steps.</p>
<form id="ask">
<label>Session <input name="session" value="default" required autocomplete="off"></label>
<label>API key <input name="key" type="password" autocomplete="current-password"></label>
<button>1. Get the line for the console</button>
</form>
<p id="status" role="status"></p>
<ol start="2">
<li>Open <a href="https://web.whatsapp.com" target="_blank" rel="noopener noreferrer">web.whatsapp.com</a>, open the console of the browser's
developer tools (F12), paste this line there and press Enter. Type <code>allow pasting</code> before if the browser asks for it. Use the
passkey when the browser offers it, or scan the browser's code with the phone that has it.
<textarea id="line" rows="4" readonly aria-label="Line for the console"></textarea>
<button type="button" id="copy" disabled>Copy the line</button></li>
<li>Copy what it shows, and paste it here:
<form id="answer">
<textarea name="assertion" rows="4" required aria-label="What the console shows"></textarea>
<button>Send it to WhatsApp</button>
</form></li>
<li>Keep WhatsApp open on the phone. <span id="code" hidden>The phone may show a code. If it is <output></output>, confirm it there and
<button type="button" id="confirm">confirm it here</button></span></li>
</ol>
</main>
<script type="module" src="page.js"></script>
</body>
</html>
`;

const css = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
label, textarea { display: block; margin: .5rem 0; }
textarea { width: 100%; box-sizing: border-box; font-family: ui-monospace, monospace; }
output { font-weight: bold; font-size: 1.25rem; }
[role=status] { min-height: 1.5rem; }
`;

/** One line for the console of web.whatsapp.com: it has the challenge signed and shows the answer as JSON. */
const line = `(async o=>{const d=s=>Uint8Array.from(atob(s.replace(/-/g,'+').replace(/_/g,'/')),c=>c.charCodeAt(0)),e=b=>btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\\+/g,'-').replace(/\\//g,'_').replace(/=+$/,''),c=await navigator.credentials.get({publicKey:{...o,challenge:d(o.challenge),allowCredentials:o.allowCredentials.map(a=>({...a,id:d(a.id)}))}}),r=c.response;prompt('Copy this answer',JSON.stringify({id:c.id,rawId:e(c.rawId),type:c.type,response:{clientDataJSON:e(r.clientDataJSON),authenticatorData:e(r.authenticatorData),signature:e(r.signature),userHandle:r.userHandle?e(r.userHandle):null}}))})(CHALLENGE)`;

const script = `const line = ${JSON.stringify(line)};
const at = (id) => document.getElementById(id);
const say = (text) => { at('status').textContent = text; };
const session = () => encodeURIComponent(at('ask').elements.session.value);
at('ask').elements.session.value = new URLSearchParams(location.search).get('session') || 'default';

const call = async (method, path, body) => {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const key = at('ask').elements.key.value;
  if (key) headers['x-api-key'] = key;
  const response = await fetch('../api/' + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  const value = text ? JSON.parse(text) : undefined;
  if (!response.ok) throw new Error([value?.message ?? value?.error ?? response.statusText].flat().join('; '));
  return value;
};
const passkey = (method, path = '', body) => call(method, session() + '/auth/passkey' + path, body);
const attempt = (action) => async (event) => {
  event.preventDefault();
  try { await action(); } catch (error) { say(error.message); }
};

at('ask').addEventListener('submit', attempt(async () => {
  const challenge = await passkey('GET', '/challenge');
  at('line').value = line.replace('CHALLENGE', () => JSON.stringify(challenge));
  at('copy').disabled = false;
  say('The line is ready. The challenge is good for a few minutes.');
}));
at('copy').addEventListener('click', attempt(async () => {
  at('line').select();
  await navigator.clipboard.writeText(at('line').value);
  say('Copied.');
}));
at('answer').addEventListener('submit', attempt(async () => {
  await passkey('POST', '', JSON.parse(at('answer').elements.assertion.value));
  say('WhatsApp has the answer. Keep it open on the phone.');
  void follow();
}));
at('confirm').addEventListener('click', attempt(async () => {
  await passkey('POST', '/confirm');
  say('Confirmed.');
}));

const follow = async () => {
  for (let turn = 0; turn < 600; turn++) {
    const { status, note } = await call('GET', 'sessions/' + session());
    at('code').hidden = status !== 'PASSKEY_CONFIRMATION_REQUIRED';
    if (!at('code').hidden) at('code').querySelector('output').textContent = (await passkey('GET', '/confirmation')).code;
    if (status !== 'PASSKEY_REQUIRED' && at('code').hidden) say(note ? status + ': ' + note : status);
    if (status === 'WORKING' || status === 'FAILED' || status === 'SCAN_QR_CODE') return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
};
`;

const file = (contentType: string, text: string) => ({ contentType, make: () => text });

/** Helps people to sign the challenge: the passkey belongs to WhatsApp's pages, and no page of ours can use it. */
export const passkeyPage: Page = {
  path: '/passkey',
  made: {
    'index.html': file('text/html', html),
    'page.css': file('text/css', css),
    'page.js': file('text/javascript', script),
  },
};
