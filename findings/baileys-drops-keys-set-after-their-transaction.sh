#!/usr/bin/env bash
# Baileys 7.0.0-rc14: a key that is set after the transaction in which the work began is dropped, though `set` resolves.
#
# `keys.set` writes to the store at once, or at the end of a transaction. Which of both holds is found by AsyncLocalStorage, and a context
# outlives its transaction: a listener that was called inside of one, and goes on after it, still "is in a transaction". What it
# sets is put into the transaction that was committed long ago; `set` resolves, `get` there even gives the value back, and the store never
# has it. A transaction that is begun there runs as a part of the old one, and is not committed either.
#
# Output seen:
#   set while the transaction runs, stored: true
#   set after it, by what began inside: resolved, given back: true, stored: false
#   set by a new transaction there, stored: false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 pino@9.6.0 > /dev/null
node -p '"@whiskeysockets/baileys " + JSON.parse(require("fs").readFileSync("node_modules/@whiskeysockets/baileys/package.json", "utf8")).version'
cat > probe.mjs <<'PROBE'
import { setTimeout as pause } from 'node:timers/promises';
import { addTransactionCapability } from '@whiskeysockets/baileys';
import { pino } from 'pino';

const stored = new Map();
const store = {
  get: async (type, ids) => Object.fromEntries(ids.map((id) => [id, stored.get(`${type}:${id}`)])),
  set: async (data) => {
    for (const [type, values] of Object.entries(data))
      for (const [id, value] of Object.entries(values)) stored.set(`${type}:${id}`, value);
  },
};
const keys = addTransactionCapability(store, pino({ level: 'silent' }), { maxCommitRetries: 1, delayBetweenTriesMs: 0 });
const session = (id) => ({ session: { [id]: new Uint8Array([1]) } });

let listener;
await keys.transaction(async () => {
  await keys.set(session('during'));
  listener = (async () => {
    await pause(50);
    await keys.set(session('after'));
    const { after } = await keys.get('session', ['after']);
    await keys.transaction(() => keys.set(session('anew')), 'another');
    return after !== undefined;
  })();
}, 'one');
const givenBack = await listener;
console.log('set while the transaction runs, stored:', stored.has('session:during'));
console.log(`set after it, by what began inside: resolved, given back: ${givenBack}, stored:`, stored.has('session:after'));
console.log('set by a new transaction there, stored:', stored.has('session:anew'));
PROBE
cat > expected <<'EXPECTED'
set while the transaction runs, stored: true
set after it, by what began inside: resolved, given back: true, stored: false
set by a new transaction there, stored: false
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
