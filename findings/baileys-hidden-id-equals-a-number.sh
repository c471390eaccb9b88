#!/usr/bin/env bash
# Baileys 7.0.0-rc14: areJidsSameUser takes a hidden id and an unrelated number for one person.
#
# Hidden ids (@lid) and phone numbers (@s.whatsapp.net) are two name spaces of digits, and one says nothing about the other. The
# comparison looks at the digits alone: a person whose hidden id happens to have the digits of somebody else's number is that
# person, and so is a group.
#
# Output seen:
#   lid true
#   g.us true
#   newsletter true
#   bot true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { areJidsSameUser } from '@whiskeysockets/baileys';
for (const server of ['lid', 'g.us', 'newsletter', 'bot']) {
  console.log(server, areJidsSameUser(`12025550123@${server}`, '12025550123@s.whatsapp.net'));
}
PROBE
cat > expected <<'EXPECTED'
lid true
g.us true
newsletter true
bot true
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
