#!/usr/bin/env bash
# Baileys 7.0.0-rc14: normalizeMessageContent opens some of the wrappers of a message and leaves others closed.
#
# Many fields of WhatsApp's Message hold a whole message inside (FutureProofMessage). normalizeMessageContent is there to get at the
# innermost one. For half of these fields it returns the wrapper as it is, so that whoever reads the text, the file or the sender's
# mentions from its result finds nothing. The list is made from the library's own protobuf types.
#
# Output seen:
#   opened: ephemeralMessage viewOnceMessage viewOnceMessageV2 viewOnceMessageV2Extension documentWithCaptionMessage editedMessage associatedChildMessage groupStatusMessage groupStatusMessageV2
#   left closed: groupMentionedMessage botInvokeMessage botForwardedMessage botTaskMessage lottieStickerMessage statusMentionMessage groupStatusMentionMessage limitSharingMessage questionMessage questionReplyMessage eventCoverImage pollCreationMessageV4
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { normalizeMessageContent, proto } from '@whiskeysockets/baileys';
const names = 'ephemeralMessage viewOnceMessage viewOnceMessageV2 viewOnceMessageV2Extension documentWithCaptionMessage editedMessage associatedChildMessage groupStatusMessage groupStatusMessageV2 groupMentionedMessage botInvokeMessage botForwardedMessage botTaskMessage lottieStickerMessage statusMentionMessage groupStatusMentionMessage limitSharingMessage questionMessage questionReplyMessage eventCoverImage pollCreationMessageV4'.split(' ');
const inside = { conversation: 'Hello' };
for (const opened of [true, false]) {
  const found = names.filter((name) => {
    const message = proto.Message.fromObject({ [name]: { message: inside } });
    if (!message[name]?.message) throw new Error(`${name} holds no message`);
    return (normalizeMessageContent(message)?.conversation === 'Hello') === opened;
  });
  console.log(opened ? 'opened:' : 'left closed:', found.join(' '));
}
PROBE
cat > expected <<'EXPECTED'
opened: ephemeralMessage viewOnceMessage viewOnceMessageV2 viewOnceMessageV2Extension documentWithCaptionMessage editedMessage associatedChildMessage groupStatusMessage groupStatusMessageV2
left closed: groupMentionedMessage botInvokeMessage botForwardedMessage botTaskMessage lottieStickerMessage statusMentionMessage groupStatusMentionMessage limitSharingMessage questionMessage questionReplyMessage eventCoverImage pollCreationMessageV4
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
