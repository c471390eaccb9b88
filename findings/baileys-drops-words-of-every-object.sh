#!/usr/bin/env bash
# Baileys 7.0.0-rc14: a text such as "constructor" or "toString" is encoded as nothing.
#
# The dictionary of the binary protocol is looked up in a plain object. A text that is in no dictionary is written byte by byte;
# one that names what every object inherits is found there, has no number, and is written as an empty list. A group of that name is
# made without a name, and a query with such an id cannot be answered. Texts that merely contain the word are not concerned.
#
# Output seen:
#   "lunch" -> "lunch"
#   "constructor" -> ""
#   "toString" -> ""
#   "valueOf" -> ""
#   "__proto__" -> ""
#   "constructors" -> "constructors"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';
for (const subject of ['lunch', 'constructor', 'toString', 'valueOf', '__proto__', 'constructors']) {
  const node = await decodeBinaryNode(encodeBinaryNode({ tag: 'create', attrs: { subject } }));
  console.log(JSON.stringify(subject), '->', JSON.stringify(node.attrs.subject));
}
PROBE
cat > expected <<'EXPECTED'
"lunch" -> "lunch"
"constructor" -> ""
"toString" -> ""
"valueOf" -> ""
"__proto__" -> ""
"constructors" -> "constructors"
EXPECTED
node --version
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
