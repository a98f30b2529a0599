import './styles/meter.css';

export interface MeterProps {
  readonly name: string;
  readonly value: number;
  /** `undefined`: no limit, and no bar. */
  readonly limit: number | undefined;
  readonly format?: (value: number) => string;
}

/** How much of a limit is used. */
export function Meter({ name, value, limit, format = (number) => number.toLocaleString('en') }: MeterProps) {
  return (
    <div className="meter">
      <span className="meter-name">{name}</span>
      <span className="meter-value">
        {format(value)}
        {limit !== undefined && ` of ${format(limit)}`}
      </span>
      {limit !== undefined && (
        <progress aria-label={name} max={Math.max(limit, Number.MIN_VALUE)} value={Math.min(value, limit)} />
      )}
    </div>
  );
}
