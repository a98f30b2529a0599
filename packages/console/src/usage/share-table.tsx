import { useId } from 'react';
import type { Share } from './usage-sums.ts';

export interface ShareTableProps {
  readonly name: string;
  readonly shares: readonly Share[];
  readonly format: (value: number) => string;
}

/** The shares of models or keys in the total. */
export function ShareTable({ name, shares, format }: ShareTableProps) {
  const id = useId();
  const largest = Math.max(...shares.map(({ value }) => value), Number.MIN_VALUE);
  return (
    <section className="part panel share-table" aria-labelledby={id}>
      <h2 id={id} className="title">
        {name}
      </h2>
      {shares.length === 0 && <p className="soft">Nothing on these days.</p>}
      <ul>
        {shares.map((share) => (
          <li key={share.name}>
            <span className="share-name">{share.name}</span>
            <span className="number">{format(share.value)}</span>
            <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
              <rect width={(100 * share.value) / largest} height="4" />
            </svg>
          </li>
        ))}
      </ul>
    </section>
  );
}
