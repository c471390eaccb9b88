#!/usr/bin/env bash
# s3rver 3.7.1: a range that ends at byte 0 is taken for one without an end.
#
# RFC 9110 section 14.1.2 has `bytes=0-0` mean the first byte, which is what clients ask for to learn whether ranges are known, and how
# long an object is. The server answers with 206 and all bytes, and its Content-Range says so. `bytes=1-1` is right.
#
# Output seen:
#   s3rver 3.7.1, an object of 5 bytes
#   bytes=0-0 -> 206, bytes 0-4/5, 5 bytes
#   bytes=1-1 -> 206, bytes 1-1/5, 1 bytes
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent s3rver@3.7.1 > /dev/null
cat > probe.cjs <<'PROBE'
const S3rver = require('s3rver');
const run = async () => {
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    directory: './data',
    silent: true,
    configureBuckets: [{ name: 'bucket', configs: ['<WebsiteConfiguration><IndexDocument><Suffix>x</Suffix></IndexDocument></WebsiteConfiguration>'] }],
  });
  const { port } = await server.run();
  const url = `http://127.0.0.1:${port}/bucket/object`;
  await fetch(url, { method: 'PUT', body: 'bytes' });
  console.log(`s3rver ${require('s3rver/package.json').version}, an object of 5 bytes`);
  for (const range of ['bytes=0-0', 'bytes=1-1']) {
    const answer = await fetch(url, { headers: { range } });
    const { byteLength } = await answer.arrayBuffer();
    console.log(`${range} -> ${answer.status}, ${answer.headers.get('content-range')}, ${byteLength} bytes`);
  }
  await server.close();
};
run();
PROBE
cat > expected <<'EXPECTED'
s3rver 3.7.1, an object of 5 bytes
bytes=0-0 -> 206, bytes 0-4/5, 5 bytes
bytes=1-1 -> 206, bytes 1-1/5, 1 bytes
EXPECTED
node probe.cjs > output
cat output
diff expected output > /dev/null || { echo 'the behaviour has changed'; exit 1; }
