#!/usr/bin/env bash
# XState 5.33.3: an actor that is restored from a persisted snapshot never fires the delayed transition it was waiting for.
#
# A state with "after" is left when its time is over. getPersistedSnapshot keeps the state, and invoked actors are started again when
# it is restored. The pending timer is not: the restored actor stays in the state for ever, however long one waits. A lifecycle that
# is persisted this way gets stuck at its first restart; ours stores what is wanted and enters its states anew.
#
# Output seen:
#   restored actor, 1,000 s later: waiting
#   fresh actor, 1 s later: late
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent xstate@5.33.3 > /dev/null
cat > probe.mjs <<'PROBE'
import { createActor, setup, SimulatedClock } from 'xstate';
const machine = setup({}).createMachine({
  initial: 'waiting',
  states: { waiting: { after: { 1000: 'late' } }, late: {} },
});
const before = createActor(machine, { clock: new SimulatedClock() }).start();
const snapshot = JSON.parse(JSON.stringify(before.getPersistedSnapshot()));
before.stop();
const clock = new SimulatedClock();
const restored = createActor(machine, { snapshot, clock }).start();
clock.increment(1_000_000);
console.log('restored actor, 1,000 s later:', restored.getSnapshot().value);
const fresh = createActor(machine, { clock }).start();
clock.increment(1_000);
console.log('fresh actor, 1 s later:', fresh.getSnapshot().value);
PROBE
cat > expected <<'EXPECTED'
restored actor, 1,000 s later: waiting
fresh actor, 1 s later: late
EXPECTED
node probe.mjs | tee seen
diff expected seen > /dev/null || {
  echo 'The behaviour has changed.'
  exit 1
}
