import type { Metric, Registry } from 'prom-client';
import type { Distribution, Log, MetricSource, Sample } from 'waha-runtime';
import { sentence } from 'waha-runtime';

type Value = Sample | Distribution;

const validName = /^[a-z_][a-z0-9_]*$/;

/** All values of the sources in Prometheus' text format. A source that throws is left out, logged, and hurts no other. */
export const exposition = async (sources: readonly MetricSource[], log: Log): Promise<string> => {
  const families = new Map<string, Value[]>();
  for (const source of sources) {
    for (const value of collected(source, log)) {
      const family = families.get(value.name);
      if (!family) families.set(value.name, [value]);
      else if (family[0]?.type === value.type) family.push(value);
      else
        log.warn(
          { source: source.name },
          `metric '${value.name}' is a ${family[0]?.type} already, not a ${value.type}`,
        );
    }
  }
  const registry = await newRegistry();
  for (const [name, values] of families) registry.registerMetric(metricOf(name, values));
  return registry.metrics();
};

/** prom-client brings 80 files: they are read by whoever asks for figures. */
export const newRegistry = async (): Promise<Registry> => new (await import('prom-client')).Registry();

const collected = (source: MetricSource, log: Log): readonly Value[] => {
  try {
    const values = source.collect();
    const odd = values.find(({ name }) => !validName.test(name));
    if (odd) throw new Error(`'${odd.name}' is no name of a metric`);
    return values;
  } catch (error) {
    log.error({ source: source.name }, `the metrics of '${source.name}' are left out: ${sentence(error)}`);
    return [];
  }
};

/** The values as a metric of prom-client, which writes them down. */
const metricOf = (name: string, values: readonly Value[]): Metric => {
  const { help = '', type } = values[0] ?? {};
  const found = { name, help, type, values: values.flatMap((value) => linesOf(value)) };
  return { name, get: async () => found } as unknown as Metric;
};

const linesOf = (value: Value) => {
  const { name, labels = {} } = value;
  if (value.type !== 'histogram') return [{ labels, value: value.value }];
  const { bounds, counts, sum } = value;
  const buckets = [...bounds.map(String), '+Inf'].map((le, index) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value: counts[index] ?? 0,
  }));
  const count = { metricName: `${name}_count`, labels, value: counts[bounds.length] ?? 0 };
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, count];
};
