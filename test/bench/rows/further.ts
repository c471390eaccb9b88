import { atOnce, type Fleet } from '../fleet.ts';
import type { Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { eachOf } from '../sides/http.ts';
import { settled } from './idle.ts';

/** What the first ones load and compile is no cost of the next. */
const first = 20;

/** Memory of each linked session beyond the first twenty, which connect first. */
export const further: Row = {
  name: 'further',
  title: 'memory of each further linked session',
  quick: false,
  async measure(bench) {
    const count = Math.max(bench.options.sessions, 2 * first);
    const fleet = await bench.linked(count);
    const rounds: Pair[] = [];
    for (let round = 0; round < Math.min(bench.options.rounds, 3); round++) {
      await fleet.park();
      const floor = await ofFloor(fleet);
      await fleet.floor.stop();
      const ours = await ofOurs(fleet);
      fleet.floor = await fleet.startFloor();
      rounds.push({ floor, ours });
      bench.say(`round ${round + 1}: ${Math.round(floor)} KB bare, ${Math.round(ours)} KB ours`);
    }
    const title = `RSS of each linked session, from ${first} to ${count}; floor: bare Baileys`;
    return [{ row: `memory-${first}-${count}`, unit: 'KB/session', title, goal: { limit: 533 }, rounds }];
  },
};

const ofFloor = async (fleet: Fleet): Promise<number> => {
  fleet.floor = await fleet.startFloor();
  const { floor, linked } = { floor: fleet.floor, linked: fleet.linked.floor };
  await fleet.resumeFloor(linked.slice(0, first));
  const before = await settled(floor.process);
  await fleet.resumeFloor(linked.slice(first));
  const came = floor.numbers.length - first;
  if (came <= 0) throw new Error('no further session of the floor came back');
  return Math.max(0, (await settled(floor.process)) - before) / came / 1024;
};

/** The further ones are stopped first, and a process is started that has never had them. */
const ofOurs = async (fleet: Fleet): Promise<number> => {
  const numbers = fleet.linked.ours;
  const rest = numbers.slice(first);
  const each = (what: 'start' | 'stop') =>
    eachOf(rest, atOnce, (number) => fleet.ours.post(`/api/sessions/${number}/${what}`, {}));
  fleet.ours = await fleet.startOurs();
  await fleet.ours.working(numbers.length);
  await each('stop');
  await fleet.ours.stop();
  fleet.ours = await fleet.startOurs();
  fleet.ours.numbers.push(...numbers);
  await fleet.ours.working(first);
  const before = await settled(fleet.ours.process);
  await each('start');
  await fleet.ours.working(numbers.length);
  return Math.max(0, (await settled(fleet.ours.process)) - before) / rest.length / 1024;
};
