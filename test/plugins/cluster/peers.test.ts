import { describe, expect, it } from 'vitest';
import { ClockWatch } from '../../../plugins/cluster/clock-watch.ts';
import { Peers } from '../../../plugins/cluster/peers.ts';
import type { NodeRow } from '../../../plugins/cluster/tables.ts';
import { recordingLog } from '../../support/log.ts';

const row = (id: string, beat: number, clock = 0): NodeRow => ({
  ...{ id, cluster: 'waha', url: `http://${id}`, version: '1', protocol: 1, beat, state: 'ready', sessions: 0 },
  ...{ startedAt: 0, clock, needs: 0 },
});

describe('who is alive', () => {
  const world = () => {
    const peers = new Peers({ deadAfter: 5_000, beat: 1_000 });
    let own = 0;
    const look = (now: number, ...others: NodeRow[]) =>
      peers.observe([row('me', ++own), ...others], 'me', now).map(({ id }) => id);
    return { peers, look };
  };

  it('is told by how long a beat stands still by the clock of who looks', () => {
    const { peers, look } = world();
    for (const second of [0, 1, 2, 3, 4]) expect(look(1_000 * second, row('a', second), row('b', 7))).toEqual([]);
    expect(look(4_999, row('a', 5), row('b', 7))).toEqual([]);
    expect(look(5_000, row('a', 6), row('b', 7))).toEqual(['b']);
    expect(look(6_000, row('a', 6), row('b', -1))).toEqual([]);
    expect(peers.alive.map(({ id }) => id)).toEqual(['me', 'a']);
  });

  it('nobody is declared dead by one whose own beat failed', () => {
    const { peers, look } = world();
    for (const second of [0, 1, 2, 3, 4]) look(1_000 * second, row('a', 1));
    peers.observeAnew();
    for (const second of [5, 6, 7, 8, 9]) expect(look(1_000 * second, row('a', 1))).toEqual([]);
    expect(look(10_000, row('a', 1))).toEqual(['a']);
  });

  it('nobody is declared dead by one that stood still itself, and somebody who is dead is found all the same', () => {
    const { look } = world();
    look(0, row('a', 1), row('b', 1));
    expect(look(60_000, row('a', 1), row('b', 1))).toEqual([]);
    expect(look(120_000, row('a', 2), row('b', 1))).toEqual([]);
    expect(look(180_000, row('a', 3), row('b', 1))).toEqual([]);
    expect(look(240_000, row('a', 4), row('b', 1))).toEqual(['b']);
  });
});

describe('clocks that differ', () => {
  it('are told of once, in words, until they are right again', () => {
    const log = recordingLog();
    const clock = { now: () => 1_000_000 } as never;
    const watch = new ClockWatch(5_000, clock, log);
    const told = () => log.lines.map(({ message }) => message);
    watch.compare([row('me', 1, 9_999_999), row('a', 1, 1_014_000), row('old', 1), row('dead', -1, 5)], 'me');
    expect(told()).toEqual([]);
    for (const beat of [2, 3]) watch.compare([row('a', beat, 1_060_000), row('b', beat, 900_000)], 'me');
    expect(told()).toEqual([
      'the clock of the process at http://a is 60 s ahead of the one here: set both by NTP',
      'the clock of the process at http://b is 100 s behind the one here: set both by NTP',
    ]);
    watch.compare([row('a', 4, 1_000_000)], 'me');
    watch.compare([row('a', 5, 1_060_000)], 'me');
    expect(told()).toHaveLength(3);
  });
});
