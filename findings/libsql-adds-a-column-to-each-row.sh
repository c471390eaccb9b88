#!/usr/bin/env bash
# libsql 0.5.29: a row read with get() has a property that is no column.
#
# The package follows better-sqlite3's interface, where get() returns an object of the columns. Here it has "_metadata" with the
# query's duration as well: spreading the row into an insert, comparing it or sending it as JSON takes the extra property along.
# all() and iterate() return the columns alone.
#
# Output seen:
#   get: id name _metadata
#   all: id name
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent libsql@0.5.29 > /dev/null
cat > probe.mjs <<'PROBE'
import Database from 'libsql';
const database = new Database(':memory:');
const statement = database.prepare("select 1 as id, 'Ana' as name");
console.log('get:', Object.keys(statement.get()).join(' '));
console.log('all:', Object.keys(statement.all()[0]).join(' '));
PROBE
cat > expected <<'EXPECTED'
get: id name _metadata
all: id name
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
