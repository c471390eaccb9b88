#!/usr/bin/env bash
# Baileys 7.0.0-rc14: a device that the user unlinked gets the same close code as one that was replaced.
#
# WhatsApp ends a connection with <conflict type="replaced"/> when the same device logs in elsewhere, and with
# <conflict type="device_removed"/> when the user unlinks it on the phone. Both become 440, connectionReplaced: who reconnects after a
# replacement comes back with credentials that are worthless, and who waits for 401 to show a new QR code never hears of it.
#
# Output seen:
#   replaced 440 connectionReplaced
#   device_removed 440 connectionReplaced
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { DisconnectReason, getErrorCodeFromStreamError } from '@whiskeysockets/baileys';
for (const type of ['replaced', 'device_removed']) {
  const node = { tag: 'stream:error', attrs: {}, content: [{ tag: 'conflict', attrs: { type } }] };
  const { statusCode } = getErrorCodeFromStreamError(node);
  console.log(type, statusCode, DisconnectReason[statusCode]);
}
PROBE
cat > expected <<'EXPECTED'
replaced 440 connectionReplaced
device_removed 440 connectionReplaced
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
