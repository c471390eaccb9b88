import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../row.ts';
import { plot } from './plot.ts';
import { summarise } from './statistics.ts';

/** Where the documentation has its plots. */
export const docs = fileURLToPath(new URL('../../../docs', import.meta.url));

interface Drawing {
  readonly file: string;
  readonly rows: RegExp;
  readonly title: string;
  readonly unit: string;
  readonly floor: string;
}

const drawings: readonly Drawing[] = [
  {
    ...{ file: 'inbound.svg', rows: /^inbound-(\d+)$/, title: 'Inbound 1:1 messages to webhooks' },
    ...{ unit: 'messages/s', floor: 'bare Baileys + undici' },
  },
  {
    ...{ file: 'websocket.svg', rows: /^websocket-(\d+)$/, title: 'Inbound 1:1 messages to a WebSocket' },
    ...{ unit: 'messages/s', floor: 'bare Baileys + ws' },
  },
  {
    ...{ file: 'resume.svg', rows: /^resume-(\d+)$/, title: 'Resume of linked sessions' },
    ...{ unit: 'sessions/s', floor: 'bare Baileys' },
  },
  {
    ...{ file: 'memory.svg', rows: /^memory-(\d+)$/, title: 'Memory of an idle linked session' },
    ...{ unit: 'KB', floor: 'bare Baileys' },
  },
];

interface Point {
  readonly x: number;
  readonly ours: number;
  readonly floor: number;
  readonly floorAtMost: boolean;
}

/** Draws the rows that were measured with several numbers of sessions; gives the names of the files. */
export const writePlots = (figures: readonly Figure[], folder: string = docs): string[] => {
  const written: string[] = [];
  mkdirSync(folder, { recursive: true });
  for (const drawing of drawings) {
    const points = new Map<number, Point>();
    for (const { row, rounds, floorAtMost = false } of figures) {
      const x = Number(drawing.rows.exec(row)?.[1]);
      if (x > 0) points.set(x, { x, floorAtMost, ...summarise(rounds) });
    }
    if (points.size < 2) continue;
    writeFileSync(join(folder, drawing.file), drawn(drawing, [...points.values()]));
    written.push(drawing.file);
  }
  return written;
};

const drawn = ({ title, unit, floor }: Drawing, unsorted: readonly Point[]): string => {
  const points = unsorted.toSorted((left, right) => left.x - right.x);
  const side = (name: 'ours' | 'floor') =>
    points.map((point) => ({ x: point.x, y: point[name], bound: name === 'floor' && point.floorAtMost }));
  return plot({
    title,
    xLabel: 'linked sessions in the process',
    yLabel: unit,
    curves: [
      { label: 'waha-runtime', colour: '#0b6e4f', points: side('ours') },
      { label: floor, colour: '#b0413e', points: side('floor') },
    ],
  });
};
