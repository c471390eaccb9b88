#!/usr/bin/env bash
# Baileys 7.0.0-rc14: a group whose join approval is off is reported as one that needs approval.
#
# WhatsApp says the state of a group's join approval inside an element: <membership_approval_mode><group_join state="off"/>. The
# metadata reader asks only whether the outer element is there, so that joinApprovalMode is true for "on" and for "off" alike.
#
# Output seen:
#   on  true
#   off true
#   not said false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { extractGroupMetadata } from './node_modules/@whiskeysockets/baileys/lib/Socket/groups.js';
const attrs = { id: '120363000000000001', subject: 'Club', creation: '1750000000', s_t: '1750000000' };
const group = (...content) => ({ tag: 'result', attrs: {}, content: [{ tag: 'group', attrs, content }] });
const mode = (state) => ({
  tag: 'membership_approval_mode',
  attrs: {},
  content: [{ tag: 'group_join', attrs: { state } }],
});
console.log('on ', extractGroupMetadata(group(mode('on'))).joinApprovalMode);
console.log('off', extractGroupMetadata(group(mode('off'))).joinApprovalMode);
console.log('not said', extractGroupMetadata(group()).joinApprovalMode);
PROBE
cat > expected <<'EXPECTED'
on  true
off true
not said false
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
