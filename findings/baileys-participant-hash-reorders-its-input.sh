#!/usr/bin/env bash
# Baileys 7.0.0-rc14: generateParticipantHashV2 sorts the caller's list.
#
# A hash over a list reads like a pure function. It sorts the given array in place: whoever goes on with "the devices in the order
# in which they were encrypted for" has another order afterwards.
#
# Output seen:
#   100@lid 200@lid 300@lid
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { generateParticipantHashV2 } from '@whiskeysockets/baileys';
const devices = ['300@lid', '100@lid', '200@lid'];
generateParticipantHashV2(devices);
console.log(devices.join(' '));
PROBE
cat > expected <<'EXPECTED'
100@lid 200@lid 300@lid
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
