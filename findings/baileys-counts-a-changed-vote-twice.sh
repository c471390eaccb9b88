#!/usr/bin/env bash
# Baileys 7.0.0-rc14: a voter who changes his mind is counted for both options, and newer polls have no names.
#
# In WhatsApp a new vote replaces the voter's former one. getAggregateVotesInPollMessage adds up every update it is given, so that one
# person who moves from Monday to Tuesday stands behind both; the updates have to be reduced to the last one of each voter first. Of a
# poll of version 5 it reads no options: what was chosen is called "Unknown".
#
# Output seen:
#   pollCreationMessage Monday: 1, Tuesday: 1
#   pollCreationMessageV5 Unknown: 1, Unknown: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent @whiskeysockets/baileys@7.0.0-rc14 > /dev/null
cat > probe.mjs <<'PROBE'
import { createHash } from 'node:crypto';
import { getAggregateVotesInPollMessage } from '@whiskeysockets/baileys';
const options = [{ optionName: 'Monday' }, { optionName: 'Tuesday' }];
const vote = (option, at) => ({
  pollUpdateMessageKey: { participant: '100@lid', fromMe: false },
  senderTimestampMs: at,
  vote: { selectedOptions: [createHash('sha256').update(option).digest()] },
});
for (const name of ['pollCreationMessage', 'pollCreationMessageV5']) {
  const pollUpdates = [vote('Monday', 1), vote('Tuesday', 2)];
  const counted = getAggregateVotesInPollMessage({ message: { [name]: { options } }, pollUpdates });
  console.log(name, counted.map((option) => `${option.name}: ${option.voters.length}`).join(', '));
}
PROBE
cat > expected <<'EXPECTED'
pollCreationMessage Monday: 1, Tuesday: 1
pollCreationMessageV5 Unknown: 1, Unknown: 1
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
