#!/usr/bin/env bash
# Baileys 7.0.0-rc14: BufferJSON.reviver turns plain objects of numbers into bytes.
#
# BufferJSON is what stores of credentials and messages use to write bytes as JSON. Its reviver takes any object whose keys begin
# with a digit and whose values are numbers for bytes that another serialiser wrote, so that counters come back as a Buffer:
# votes by option number, stock by article, even keys such as "12 inch", because only the beginning of a key is looked at.
#
# Output seen:
#   votes bytes 0304
#   menu bytes 0102
#   named {"one":3}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { BufferJSON } from '@whiskeysockets/baileys';
const stored = { votes: { 1: 3, 2: 4 }, menu: { '12 inch': 1, '6 pack': 2 }, named: { one: 3 } };
const read = JSON.parse(JSON.stringify(stored, BufferJSON.replacer), BufferJSON.reviver);
for (const [name, value] of Object.entries(read)) {
  console.log(name, Buffer.isBuffer(value) ? `bytes ${value.toString('hex')}` : JSON.stringify(value));
}
PROBE
cat > expected <<'EXPECTED'
votes bytes 0304
menu bytes 0102
named {"one":3}
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
