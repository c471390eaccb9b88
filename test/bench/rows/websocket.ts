import type { Row } from '../row.ts';
import { compareBursts, oneEach, Targets } from './inbound.ts';

/** Inbound 1:1 messages until a client of the WebSocket has them, with so many linked sessions in the process. */
export const webSocket = (sessions: number | 'all'): Row => ({
  name: sessions === 'all' ? 'websocket-many' : `websocket-${sessions}`,
  title: 'inbound 1:1 message → WebSocket',
  quick: false,
  byName: sessions === 'all',
  async measure(bench) {
    const count = sessions === 'all' ? bench.options.sessions : sessions;
    const fleet = await bench.fleet(count, 'websocket');
    await fleet.receiver.follow(fleet.floor.webSocket);
    await fleet.receiver.follow(fleet.ours.webSocket);
    const sides = {
      floor: new Targets(fleet.floor.process, fleet.floor.numbers.slice(0, count)),
      ours: new Targets(fleet.ours.process, fleet.ours.numbers.slice(0, count)),
    };
    const { pairs, cpu } = await compareBursts(bench, fleet, sides, oneEach(count));
    return [
      {
        row: `websocket-${count}`,
        unit: 'messages/s',
        title: `inbound 1:1 → WebSocket, ${count} sessions; floor: Baileys with as many sockets + ws`,
        rounds: pairs,
        cpu,
        caveats: fleet.caveats(count),
        notes: { sessions: count },
      },
    ];
  },
});
