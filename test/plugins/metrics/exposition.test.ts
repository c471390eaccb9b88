import { describe, expect, it } from 'vitest';
import type { MetricSource } from '../../../core/index.ts';
import { RecordingLog } from '../../../core/testing/recording-log.ts';
import { exposition } from '../../../plugins/metrics/exposition.ts';

const source = (name: string, collect: MetricSource['collect']): MetricSource => ({ name, collect });

describe('the text that Prometheus reads', () => {
  it('has one head per metric, whichever source its values come from', async () => {
    const value = (status: string, count: number) =>
      ({ name: 'waha_sessions', help: 'Sessions', type: 'gauge', labels: { status }, value: count }) as const;
    const text = await exposition(
      [
        source('one', () => [value('WORKING', 2), { name: 'waha_up', help: 'Up', type: 'gauge', value: 1 }]),
        source('two', () => [value('FAILED', 0)]),
      ],
      new RecordingLog(),
    );
    expect(text).toBe(
      [
        '# HELP waha_sessions Sessions',
        '# TYPE waha_sessions gauge',
        'waha_sessions{status="WORKING"} 2',
        'waha_sessions{status="FAILED"} 0',
        '',
        '# HELP waha_up Up',
        '# TYPE waha_up gauge',
        'waha_up 1',
        '',
      ].join('\n'),
    );
  });

  it('writes a histogram with its buckets, sum and count', async () => {
    const text = await exposition(
      [
        source('one', () => [
          {
            name: 'waha_seconds',
            help: 'Time',
            type: 'histogram',
            labels: { driver: 'sqlite' },
            bounds: [0.1, 1],
            counts: [1, 3, 4],
            sum: 7.5,
          },
        ]),
      ],
      new RecordingLog(),
    );
    expect(text.split('\n').slice(2, -1)).toEqual([
      'waha_seconds_bucket{driver="sqlite",le="0.1"} 1',
      'waha_seconds_bucket{driver="sqlite",le="1"} 3',
      'waha_seconds_bucket{driver="sqlite",le="+Inf"} 4',
      'waha_seconds_sum{driver="sqlite"} 7.5',
      'waha_seconds_count{driver="sqlite"} 4',
    ]);
  });

  it('escapes what labels and help hold', async () => {
    const text = await exposition(
      [
        source('one', () => [
          { name: 'waha_x', help: 'a\\b\nc', type: 'gauge', labels: { text: 'say "hi"\\\n' }, value: 1 },
        ]),
      ],
      new RecordingLog(),
    );
    expect(text).toBe('# HELP waha_x a\\\\b\\nc\n# TYPE waha_x gauge\nwaha_x{text="say \\"hi\\"\\\\\\n"} 1\n');
  });

  it('leaves out a source that throws or names a metric badly, and says which', async () => {
    const log = new RecordingLog();
    const text = await exposition(
      [
        source('broken', () => {
          throw new Error('no figures');
        }),
        source('odd', () => [{ name: 'waha sessions', help: '', type: 'gauge', value: 1 }]),
        source('fine', () => [{ name: 'waha_up', help: 'Up', type: 'gauge', value: 1 }]),
      ],
      log,
    );
    expect(text).toBe('# HELP waha_up Up\n# TYPE waha_up gauge\nwaha_up 1\n');
    expect(log.lines.map(({ message }) => message)).toEqual([
      "the metrics of 'broken' are left out: no figures",
      "the metrics of 'odd' are left out: 'waha sessions' is no name of a metric",
    ]);
  });
});
