#!/usr/bin/env bash
# Baileys 7.0.0-rc14: a text in a stanza attribute is rewritten when it looks like an address with a device.
#
# A binary node's attributes are plain texts. A guess would be that every text survives encoding and decoding; a group named
# "lunch:2@noon" does not. The encoder takes every attribute with an "@" and a ":" for the address of a device, keeps the number
# behind the colon and replaces the rest by the domain that its own table has for it.
#
# Output seen:
#   "lunch at noon" -> "lunch at noon"
#   "lunch@noon" -> "lunch@noon"
#   "lunch:2@noon" -> "lunch:2@s.whatsapp.net"
#   "team:0@work" -> "team@s.whatsapp.net"
#   "a_1:5@b" -> "a:5@lid"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';
for (const subject of ['lunch at noon', 'lunch@noon', 'lunch:2@noon', 'team:0@work', 'a_1:5@b']) {
  const node = await decodeBinaryNode(encodeBinaryNode({ tag: 'create', attrs: { subject } }));
  console.log(JSON.stringify(subject), '->', JSON.stringify(node.attrs.subject));
}
PROBE
cat > expected <<'EXPECTED'
"lunch at noon" -> "lunch at noon"
"lunch@noon" -> "lunch@noon"
"lunch:2@noon" -> "lunch:2@s.whatsapp.net"
"team:0@work" -> "team@s.whatsapp.net"
"a_1:5@b" -> "a:5@lid"
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
