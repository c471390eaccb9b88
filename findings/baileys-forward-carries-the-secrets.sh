#!/usr/bin/env bash
# Baileys 7.0.0-rc14: a forwarded message takes the original's keys along and is not marked as forwarded.
#
# generateForwardMessageContent marks the first field of a message. A picture that came to a group has the sender's key
# distribution there, so the mark goes nowhere: the copy says nothing of having been forwarded. The copy still holds the key
# distribution of the other group, and the secret that seals votes, edits and comments of the original.
#
# Output seen:
#   fields: imageMessage, messageContextInfo, senderKeyDistributionMessage
#   marked as forwarded: false
#   same secret: true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { generateForwardMessageContent, proto } from '@whiskeysockets/baileys';
const message = proto.Message.fromObject({
  senderKeyDistributionMessage: { groupId: '120363000000000001@g.us' },
  imageMessage: { caption: 'A picture' },
  messageContextInfo: { messageSecret: Buffer.alloc(32, 1) },
});
const copy = generateForwardMessageContent({ key: { id: 'A', fromMe: false }, message }, false);
console.log('fields:', Object.keys(copy).sort().join(', '));
console.log('marked as forwarded:', copy.imageMessage.contextInfo?.isForwarded ?? false);
console.log('same secret:', Buffer.from(copy.messageContextInfo.messageSecret).equals(Buffer.alloc(32, 1)));
PROBE
cat > expected <<'EXPECTED'
fields: imageMessage, messageContextInfo, senderKeyDistributionMessage
marked as forwarded: false
same secret: true
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
