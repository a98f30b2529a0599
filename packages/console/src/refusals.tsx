import { Problem } from './problem.tsx';
import './styles/refusals.css';

/** A file or an address that was not accepted, and why. */
export interface Refusal {
  readonly id: number;
  readonly name: string;
  /** A sentence. */
  readonly reason: string;
}

export interface RefusalsProps {
  readonly refusals: readonly Refusal[];
  readonly onDismiss: (id: number) => void;
}

/** The names of what was not accepted, until the reader dismisses them. */
export function Refusals({ refusals, onDismiss }: RefusalsProps) {
  return refusals.map(({ id, name, reason }) => (
    <div key={id} className="refusal">
      <Problem>
        <span className="refused-name">{name}</span>: {reason}
      </Problem>
      <button type="button" aria-label={`Dismiss the message about ${name}`} onClick={() => onDismiss(id)}>
        ×
      </button>
    </div>
  ));
}
