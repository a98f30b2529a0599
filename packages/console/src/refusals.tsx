import { Problem } from './problem.tsx';
import './styles/refusals.css';

/** A file or an address that was not taken, and why. */
export interface Refusal {
  readonly id: number;
  readonly name: string;
  /** In a sentence. */
  readonly reason: string;
}

export interface RefusalsProps {
  readonly refusals: readonly Refusal[];
  readonly onDismiss: (id: number) => void;
}

/** What was not taken, by its name, until the reader has seen it. */
export function Refusals({ refusals, onDismiss }: RefusalsProps) {
  return refusals.map(({ id, name, reason }) => (
    <div key={id} className="refusal">
      <Problem>
        <span className="refused-name">{name}</span>: {reason}
      </Problem>
      <button type="button" aria-label={`Dismiss what was said of ${name}`} onClick={() => onDismiss(id)}>
        ×
      </button>
    </div>
  ));
}
