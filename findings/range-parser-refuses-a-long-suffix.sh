#!/usr/bin/env bash
# range-parser 1.3.0: a suffix range that is longer than the file, and a range that runs backwards, are called unsatisfiable.
#
# RFC 9110 section 14.1.2 answers `bytes=-500` of a file of 100 bytes with the whole file: players ask so for the end of short
# recordings. Section 14.2 has a server ignore a range whose last position is before its first one, as it is no range. The library
# says -1 to both, which servers answer with 416, and the file is not played.
#
# Output seen:
#   range-parser 1.3.0, a file of 100 bytes
#   bytes=-50 -> {"start":50,"end":99}
#   bytes=-500 -> -1
#   bytes=5-2 -> -1
#   bytes=100- -> -1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent range-parser@1.3.0 > /dev/null
cat > probe.cjs <<'PROBE'
const parse = require('range-parser');
console.log(`range-parser ${require('range-parser/package.json').version}, a file of 100 bytes`);
for (const header of ['bytes=-50', 'bytes=-500', 'bytes=5-2', 'bytes=100-']) {
  const ranges = parse(100, header);
  console.log(header, '->', Array.isArray(ranges) ? JSON.stringify(ranges[0]) : ranges);
}
PROBE
cat > expected <<'EXPECTED'
range-parser 1.3.0, a file of 100 bytes
bytes=-50 -> {"start":50,"end":99}
bytes=-500 -> -1
bytes=5-2 -> -1
bytes=100- -> -1
EXPECTED
node probe.cjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
