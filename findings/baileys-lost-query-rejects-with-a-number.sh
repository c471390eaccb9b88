#!/usr/bin/env bash
# Baileys 7.0.0-rc14: a query whose connection drops rejects with a bare number, not with an error.
#
# `waitForMessage`, on which every query rests, passes on what the websocket's `close` event says first: its close code. Whoever
# reads `error.message` or `error.output` of it finds nothing, and a dropped connection looks like a refusal "1006".
#
# Output seen:
#   number 1006
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 ws@8.18.3 > /dev/null
cat > probe.mjs <<'PROBE'
import baileys, { initAuthCreds } from '@whiskeysockets/baileys';
import { WebSocketServer } from 'ws';
const makeWASocket = baileys.default ?? baileys;
const quiet = { level: 'silent', child: () => quiet, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await new Promise((resolve) => server.once('listening', resolve));
const dropped = new Promise((resolve) => server.once('connection', (socket) => resolve(socket)));
const keys = { get: async () => ({}), set: async () => undefined };
const sock = makeWASocket({
  auth: { creds: initAuthCreds(), keys },
  logger: quiet,
  waWebSocketUrl: `ws://127.0.0.1:${server.address().port}/ws/chat`,
});
process.on('unhandledRejection', () => undefined);
const answer = sock.waitForMessage('a-query', 20_000).catch((error) => console.log(typeof error, String(error)));
(await dropped).terminate();
await answer;
process.exit(0);
PROBE
cat > expected <<'EXPECTED'
number 1006
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
