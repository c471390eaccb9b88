interface Place {
  readonly x: number;
  readonly y: number;
  /** What was reached is no more than this; drawn as a ring. */
  readonly bound?: boolean;
}

/** A curve: what was reached at each number of sessions. */
export interface Curve {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly Place[];
}

export interface PlotOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly Curve[];
}

const width = 640;
const height = 360;
const margin = { top: 48, right: 150, bottom: 48, left: 64 };

/** A plot as SVG. The x axis is logarithmic: sessions go from 1 to 1,000. */
export const plot = ({ title, xLabel, yLabel, curves }: PlotOptions): string => {
  const xs = [...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const top = niceTop(Math.max(...curves.flatMap(({ points }) => points.map(({ y }) => y))));
  const spread = Math.log((xs.at(-1) ?? 1) / (xs[0] ?? 1)) || 1;
  const xOf = (x: number) => margin.left + (Math.log(x / (xs[0] ?? 1)) / spread) * (width - margin.left - margin.right);
  const yOf = (y: number) => height - margin.bottom - (y / top) * (height - margin.top - margin.bottom);
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(margin.left, 24, title, 'font-size="14" font-weight="bold"'),
    ...marks.flatMap((mark) => [line(margin.left, yOf(mark), width - margin.right, yOf(mark)), label(yOf(mark), mark)]),
    ...xs.map((x) => text(xOf(x), height - margin.bottom + 18, String(x), 'text-anchor="middle"')),
    text((width - margin.right + margin.left) / 2, height - 10, xLabel, 'text-anchor="middle"'),
    text(margin.left - 52, margin.top - 10, yLabel, ''),
    ...curves.flatMap((curve, index) => drawn(curve, xOf, yOf, index)),
    '</svg>',
    '',
  ].join('\n');
};

const drawn = (
  { label: name, colour, points }: Curve,
  xOf: (x: number) => number,
  yOf: (y: number) => number,
  index: number,
): string[] => {
  const places = points.map(({ x, y }) => `${xOf(x).toFixed(1)},${yOf(y).toFixed(1)}`);
  const legend = margin.top + 16 * index;
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...places.map((place, index) => {
      const [x, y] = place.split(',');
      const look = points[index]?.bound ? `r="4" fill="#fff" stroke="${colour}"` : `r="3" fill="${colour}"`;
      return `<circle cx="${x}" cy="${y}" ${look}/>`;
    }),
    `<rect x="${width - margin.right + 16}" y="${legend - 9}" width="10" height="10" fill="${colour}"/>`,
    text(width - margin.right + 32, legend, name, ''),
  ];
};

const text = (x: number, y: number, content: string, attributes: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${content}</text>`;

const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${x1}" y1="${y1.toFixed(1)}" x2="${x2}" y2="${y2.toFixed(1)}" stroke="#ddd"/>`;

const label = (y: number, mark: number): string =>
  text(margin.left - 8, y + 4, String(Math.round(mark)), 'text-anchor="end"');

const niceTop = (value: number): number => {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return Math.ceil(value / unit) * unit;
};
