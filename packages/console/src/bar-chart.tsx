import { useId } from 'react';
import { toAxisTop } from './axis.ts';
import { useIsNarrow } from './narrow.ts';
import './styles/bar-chart.css';

export interface Bar {
  /** The name of the bar in the table. */
  readonly key: string;
  /** A short name, shown under the bar. */
  readonly label: string;
  readonly value: number;
}

export interface BarChartProps {
  readonly name: string;
  /** What each bar stands for: `Day (UTC)`. */
  readonly keyName: string;
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
  readonly height?: number;
}

const edge = { left: 64, right: 20, top: 12, bottom: 28 };

/** Shows numbers as bars, and also in a table for readers who cannot see them. */
export function BarChart({ name, keyName, bars, format, height = 260 }: BarChartProps) {
  const title = useId();
  const width = useIsNarrow() ? 400 : 960;
  const top = toAxisTop(Math.max(...bars.map(({ value }) => value)));
  const step = (width - edge.left - edge.right) / bars.length;
  const room = height - edge.top - edge.bottom;
  const toY = (value: number) => edge.top + room * (1 - value / top);
  // Whole numbers need no axis values between them.
  const areWhole = bars.every(({ value }) => Number.isInteger(value));
  const lines = areWhole && !Number.isInteger(top / 2) ? [0, top] : [0, top / 2, top];
  // As many labels as there is room for.
  const labelEvery = Math.ceil(bars.length / (width / 110));
  return (
    <figure className="chart panel">
      <figcaption className="field">{name}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={title}>
        <title id={title}>{describe({ name, bars, format })}</title>
        {lines.map((value) => (
          <Line key={value} y={toY(value)} width={width} label={format(value)} />
        ))}
        {bars.map(({ key, label, value }, index) => (
          <g key={key} className="place">
            <rect className="hit" x={edge.left + index * step} y={edge.top} width={step} height={room}>
              <title>{`${label}: ${format(value)}`}</title>
            </rect>
            {value > 0 && (
              <rect
                className="bar-itself"
                x={edge.left + index * step + step * 0.15}
                y={toY(value)}
                width={step * 0.7}
                height={edge.top + room - toY(value)}
                rx={Math.min(3, step * 0.2)}
              />
            )}
            {(bars.length - 1 - index) % labelEvery === 0 && (
              <text x={edge.left + (index + 0.5) * step} y={height - 8} textAnchor="middle">
                {label}
              </text>
            )}
          </g>
        ))}
      </svg>
      <details>
        <summary>As a table</summary>
        <BarTable name={name} keyName={keyName} bars={bars} format={format} />
      </details>
    </figure>
  );
}

interface LineProps {
  readonly y: number;
  readonly width: number;
  readonly label: string;
}

/** A value of the axis, across the chart. */
function Line({ y, width, label }: LineProps) {
  return (
    <g className="grid">
      <line x1={edge.left} x2={width - edge.right} y1={y} y2={y} />
      <text x={edge.left - 10} y={y} dominantBaseline="middle" textAnchor="end">
        {label}
      </text>
    </g>
  );
}

function BarTable({ name, keyName, bars, format }: BarChartProps) {
  return (
    <table>
      <caption className="visually-hidden">{name}</caption>
      <thead>
        <tr>
          <th scope="col">{keyName}</th>
          <th scope="col" className="number">
            {name}
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.toReversed().map(({ key, value }) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td className="number">{format(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function describe({ name, bars, format }: Pick<BarChartProps, 'name' | 'bars' | 'format'>): string {
  const highest = bars.toSorted((a, b) => b.value - a.value)[0];
  if (!highest || highest.value === 0) return `${name}: nothing.`;
  return `${name}. The highest was ${format(highest.value)}, at ${highest.label}.`;
}
