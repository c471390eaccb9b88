import type { Distribution, Log, MetricSource, Sample } from 'waha-runtime';
import { sentence } from 'waha-runtime';

type Value = Sample | Distribution;

const validName = /^[a-z_][a-z0-9_]*$/;

/** All values of the sources in Prometheus' text format. A source that throws is left out, logged, and hurts no other. */
export const exposition = (sources: readonly MetricSource[], log: Log): string => {
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
  return [...families.values()].map(familyText).join('');
};

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

const familyText = (values: readonly Value[]): string => {
  const [first] = values;
  if (!first) return '';
  const help = first.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const lines = values.flatMap((value) => (value.type === 'histogram' ? buckets(value) : [line(value, value.value)]));
  return `# HELP ${first.name} ${help}\n# TYPE ${first.name} ${first.type}\n${lines.join('\n')}\n`;
};

const buckets = (value: Distribution): string[] => {
  const { name, labels, bounds, counts, sum } = value;
  const bounded = [...bounds.map(String), '+Inf'].map((le, index) =>
    line({ name: `${name}_bucket`, labels: { ...labels, le } }, counts[index] ?? 0),
  );
  const all = counts[bounds.length] ?? 0;
  return [...bounded, line({ ...value, name: `${name}_sum` }, sum), line({ ...value, name: `${name}_count` }, all)];
};

const line = ({ name, labels = {} }: Pick<Value, 'name' | 'labels'>, value: number): string => {
  const pairs = Object.entries(labels).map(([label, content]) => `${label}="${escaped(content)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
};

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
