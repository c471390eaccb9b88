import { type FileFault, fileFaults, type MetricSource, type Sample } from 'waha-runtime';
import type { DownloadSlots } from './download-slots.ts';
import type { FileIndex } from './file-index.ts';

/** How the files of messages ended up: `known` ones were there already, `unwanted` ones the config leaves out. */
const outcomes = ['fetched', 'known', 'unwanted', ...fileFaults] as const;
export type Outcome = 'fetched' | 'known' | 'unwanted' | FileFault;

/** Counts since the start. */
export class Counters {
  /** Fetched, decrypted. */
  bytes = 0;
  readonly #counts = new Map<Outcome, number>();

  count(outcome: Outcome): void {
    this.#counts.set(outcome, this.of(outcome) + 1);
  }

  of(outcome: Outcome): number {
    return this.#counts.get(outcome) ?? 0;
  }
}

/** What `/metrics` shows of files. */
export const filesMetrics = (
  plugin: string,
  counters: Counters,
  slots: DownloadSlots,
  index: () => FileIndex | undefined,
): MetricSource => ({
  name: plugin,
  collect: () => {
    const sample = (type: Sample['type'], name: string, help: string, value: number, labels = {}): Sample => ({
      ...{ type, name: `waha_files_${name}`, help, value },
      labels,
    });
    return [
      ...outcomes.map((outcome) =>
        sample('counter', 'received_total', 'Files of messages, by how they ended up', counters.of(outcome), {
          outcome,
        }),
      ),
      sample('counter', 'received_bytes_total', 'Bytes of files that were fetched', counters.bytes),
      sample('gauge', 'downloads', 'Downloads under way', slots.running),
      sample('gauge', 'waiting', 'Files that wait for their download', slots.waiting),
      sample('gauge', 'kept', 'Files that are kept', index()?.count ?? 0),
      sample('gauge', 'kept_bytes', 'How much they take', index()?.bytes ?? 0),
    ];
  },
});
