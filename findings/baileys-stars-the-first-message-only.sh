#!/usr/bin/env bash
# Baileys 7.0.0-rc14: starring several messages at once stars the first one.
#
# A "star" change takes a list of messages, yet the patch that is made of it has one index, that of the first message. The others
# are dropped without an error.
#
# Output seen:
#   ["star","12025550100@s.whatsapp.net","FIRST","1","0"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { chatModificationToAppPatch } from '@whiskeysockets/baileys';
const messages = ['FIRST', 'SECOND', 'THIRD'].map((id) => ({ id, fromMe: true }));
const patch = chatModificationToAppPatch({ star: { messages, star: true } }, '12025550100@s.whatsapp.net');
console.log(JSON.stringify(patch.index));
PROBE
cat > expected <<'EXPECTED'
["star","12025550100@s.whatsapp.net","FIRST","1","0"]
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
