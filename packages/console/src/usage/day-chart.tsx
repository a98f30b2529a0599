import { useId } from 'react';
import { useIsNarrow } from '../narrow.ts';
import { toAxisTop } from './axis.ts';
import type { DayBar } from './usage-sums.ts';

export interface DayChartProps {
  readonly name: string;
  readonly bars: readonly DayBar[];
  readonly format: (value: number) => string;
}

const height = 260;
const edge = { left: 64, right: 20, top: 12, bottom: 28 };

/** A bar for each day; the same numbers stand in a table for who cannot see it. */
export function DayChart({ name, bars, format }: DayChartProps) {
  const title = useId();
  const width = useIsNarrow() ? 400 : 960;
  const top = toAxisTop(Math.max(...bars.map(({ value }) => value)));
  const step = (width - edge.left - edge.right) / bars.length;
  const room = height - edge.top - edge.bottom;
  const toY = (value: number) => edge.top + room * (1 - value / top);
  // As many names of days as find room.
  const nameEvery = Math.ceil(bars.length / (width / 110));
  return (
    <figure className="chart panel">
      <figcaption className="field">{name}</figcaption>
      <div className="chart-room">
        <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={title}>
          <title id={title}>{describe(name, bars, format)}</title>
          {[0, top / 2, top].map((value) => (
            <g key={value} className="grid">
              <line x1={edge.left} x2={width - edge.right} y1={toY(value)} y2={toY(value)} />
              <text x={edge.left - 10} y={toY(value)} dominantBaseline="middle" textAnchor="end">
                {format(value)}
              </text>
            </g>
          ))}
          {bars.map(({ day, value }, index) => (
            <g key={day} className="day">
              <rect className="hit" x={edge.left + index * step} y={edge.top} width={step} height={room}>
                <title>{`${formatDay(day)}: ${format(value)}`}</title>
              </rect>
              {value > 0 && (
                <rect
                  className="bar-of-day"
                  x={edge.left + index * step + step * 0.15}
                  y={toY(value)}
                  width={step * 0.7}
                  height={edge.top + room - toY(value)}
                  rx={Math.min(3, step * 0.2)}
                />
              )}
              {(bars.length - 1 - index) % nameEvery === 0 && (
                <text x={edge.left + (index + 0.5) * step} y={height - 8} textAnchor="middle">
                  {formatDay(day)}
                </text>
              )}
            </g>
          ))}
        </svg>
      </div>
      <details>
        <summary>As a table</summary>
        <DayTable name={name} bars={bars} format={format} />
      </details>
    </figure>
  );
}

function DayTable({ name, bars, format }: DayChartProps) {
  return (
    <table>
      <caption className="visually-hidden">{name}</caption>
      <thead>
        <tr>
          <th scope="col">Day (UTC)</th>
          <th scope="col" className="number">
            {name}
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.toReversed().map(({ day, value }) => (
          <tr key={day}>
            <th scope="row">{day}</th>
            <td className="number">{format(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function describe(name: string, bars: readonly DayBar[], format: (value: number) => string): string {
  const highest = bars.toSorted((a, b) => b.value - a.value)[0];
  if (!highest || highest.value === 0) return `${name}: nothing in these ${bars.length} days.`;
  return `${name}, ${bars.length} days. The most was ${format(highest.value)} on ${formatDay(highest.day)}.`;
}

/** `22 Nov`. */
function formatDay(day: string): string {
  return dayFormat.format(new Date(`${day}T00:00:00Z`));
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
