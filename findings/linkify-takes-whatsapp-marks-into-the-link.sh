#!/usr/bin/env bash
# linkifyjs 4.4.0: the marks of WhatsApp's formatting and non-Latin punctuation become part of a link.
#
# WhatsApp's texts mark words with *bold*, _italic_ and ~strike~, and are written in every script. The link finder stops at Latin
# punctuation only: the closing mark, the ideographic full stop with the sentence behind it, and a closing guillemet all end up in
# the address, which then leads nowhere. A preview of what people really write needs its own end of a link.
#
# Output seen:
#   *https://example.org* -> https://example.org*
#   _https://example.org/a_ -> https://example.org/a_
#   https://example.org。next -> https://example.org。next
#   «https://example.org» -> https://example.org»
#   https://example.org. -> https://example.org
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent linkifyjs@4.4.0 > /dev/null
cat > probe.mjs <<'PROBE'
import { find } from 'linkifyjs';
for (const text of ['*https://example.org*', '_https://example.org/a_', 'https://example.org\u3002next', '\u00abhttps://example.org\u00bb', 'https://example.org.']) {
  console.log(text, '->', find(text).map(({ value }) => value).join(' '));
}
PROBE
cat > expected <<'EXPECTED'
*https://example.org* -> https://example.org*
_https://example.org/a_ -> https://example.org/a_
https://example.org。next -> https://example.org。next
«https://example.org» -> https://example.org»
https://example.org. -> https://example.org
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
