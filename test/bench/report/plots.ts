import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../row.ts';
import { plot } from './plot.ts';
import { summarise } from './statistics.ts';

const docs = fileURLToPath(new URL('../../../docs', import.meta.url));

/** Draws the rows that were measured with several numbers of sessions. */
export const writePlots = (figures: readonly Figure[]): void => {
  const scaling = figures.filter(({ row }) => /^inbound-\d+$/.test(row));
  if (scaling.length < 2) return;
  const points = (side: 'ours' | 'floor') =>
    scaling.map((figure) => ({ x: Number(figure.notes?.['sessions']), y: summarise(figure.rounds)[side] }));
  mkdirSync(docs, { recursive: true });
  const drawing = plot({
    title: 'Inbound 1:1 messages to webhooks',
    xLabel: 'linked sessions in the process',
    yLabel: 'messages/s',
    curves: [
      { label: 'waha-runtime', colour: '#0b6e4f', points: points('ours') },
      { label: 'bare Baileys + got', colour: '#b0413e', points: points('floor') },
    ],
  });
  writeFileSync(join(docs, 'inbound.svg'), drawing);
};
