interface SparklineProps {
  readonly label: string;
  /** Oldest first. */
  readonly values: readonly number[];
  readonly format?: (value: number) => string;
}

const [width, height] = [240, 56];

const plain = (value: number): string => {
  if (Math.abs(value) >= 1e9) return `${(value / 1e9).toFixed(1)} G`;
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (Math.abs(value) >= 1e4) return `${(value / 1e3).toFixed(1)} k`;
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
};

/** The points of a line in the box, the newest at the right edge. */
const pointsOf = (values: readonly number[], capacity: number): string => {
  const low = Math.min(0, ...values);
  const range = Math.max(...values) - low || 1;
  const start = capacity - values.length;
  return values
    .map((value, index) => {
      const x = ((start + index) / (capacity - 1)) * width;
      const y = height - 3 - ((value - low) / range) * (height - 6);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
};

/** So many values are shown. */
export const sparklineCapacity = 60;

/** A figure with its last minutes. */
export function Sparkline({ label, values, format = plain }: SparklineProps) {
  const last = values.at(-1) ?? 0;
  const points = pointsOf(values, sparklineCapacity);
  const firstX = (((sparklineCapacity - values.length) / (sparklineCapacity - 1)) * width).toFixed(1);
  return (
    <figure class="sparkline">
      <figcaption>
        <span>{label}</span>
        <strong>{format(last)}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}: ${format(last)} now, at most ${format(Math.max(...values, 0))}`}
      >
        <polygon points={`${firstX},${height} ${points} ${width},${height}`} />
        <polyline points={points} />
      </svg>
    </figure>
  );
}
