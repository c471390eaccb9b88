#!/usr/bin/env bash
# audio-decode 2.2.3: a sound that is a view of a larger piece of memory is not recognised.
#
# The function takes a Uint8Array, and Node's Buffer is one. It looks at the memory behind the view from its beginning and not at
# the bytes that the view stands for. Node puts small buffers into shared memory, so that the same short recording is decoded
# or "cannot be detected", depending on its size, the version of Node and how it was read. A copy of its own always works.
#
# Output seen:
#   its own memory: 1 s
#   a view: Cannot detect audio format
#   a copy of the view: 1 s
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent audio-decode@2.2.3 > /dev/null
cat > probe.mjs <<'PROBE'
import decode from 'audio-decode';
const rate = 8000;
const file = Buffer.alloc(44 + rate * 2, 0, 'latin1');
file.write('RIFF');
file.writeUInt32LE(file.length - 8, 4);
file.write('WAVEfmt ', 8);
file.writeUInt32LE(16, 16);
file.writeUInt16LE(1, 20);
file.writeUInt16LE(1, 22);
file.writeUInt32LE(rate, 24);
file.writeUInt32LE(rate * 2, 28);
file.writeUInt16LE(2, 32);
file.writeUInt16LE(16, 34);
file.write('data', 36);
file.writeUInt32LE(rate * 2, 40);
const within = Buffer.concat([Buffer.alloc(64), file]).subarray(64);
for (const [name, bytes] of Object.entries({ 'its own memory': new Uint8Array(file), 'a view': within, 'a copy of the view': new Uint8Array(within) })) {
  console.log(`${name}:`, await decode(bytes).then(({ duration }) => `${duration} s`, ({ message }) => message));
}
PROBE
cat > expected <<'EXPECTED'
its own memory: 1 s
a view: Cannot detect audio format
a copy of the view: 1 s
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
