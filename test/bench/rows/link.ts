import type { Row } from '../row.ts';

/** How fast new sessions are linked, in turns of ten while the fleet grows. */
export const link: Row = {
  name: 'link',
  title: 'start and link new sessions',
  quick: false,
  async measure(bench) {
    const fleet = await bench.fleet(bench.options.sessions);
    if (fleet.linked.length === 0) return [];
    return [
      {
        row: `link-${bench.options.sessions}`,
        unit: 'sessions/s',
        title: `POST /api/sessions → scan → WORKING, until there are ${bench.options.sessions}; floor: bare Baileys`,
        rounds: fleet.linked,
      },
    ];
  },
};
