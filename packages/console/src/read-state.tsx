import { formatTime } from './formats.ts';
import { isAway, toSentence } from './sentences.ts';

/** A query, as far as its state is told. */
export interface ReadStateProps {
  readonly of: {
    readonly data: unknown;
    readonly error: Error | null;
    /** Why the try before this one failed. */
    readonly failureReason: Error | null;
    readonly dataUpdatedAt: number;
    readonly isPlaceholderData: boolean;
  };
}

/** Says that something is being read, or why it is not, and from when what is shown then is. `ServerAway` says the rest. */
export function ReadState({ of: { data, error, failureReason, dataUpdatedAt, isPlaceholderData } }: ReadStateProps) {
  const problem = error ?? failureReason;
  const hasOwnData = data !== undefined && !isPlaceholderData;
  if (problem && !isAway(problem)) {
    return (
      <p className="problem" role="status">
        {toSentence(problem)}
        {hasOwnData && ` What is shown was read at ${formatTime(dataUpdatedAt / 1_000)}.`}
      </p>
    );
  }
  if (hasOwnData) return null;
  return (
    <p className="soft reading" role="status">
      Reading…
    </p>
  );
}
