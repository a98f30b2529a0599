import { formatTime } from './formats.ts';
import { isAway, toSentence } from './sentences.ts';

/** The parts of a query's state that are shown. */
export interface ReadStateProps {
  readonly of: {
    readonly data: unknown;
    readonly error: Error | null;
    /** Why the previous attempt failed. */
    readonly failureReason: Error | null;
    readonly dataUpdatedAt: number;
    readonly isPlaceholderData: boolean;
  };
}

/** Says that data is being loaded, or why it cannot be and how old the shown data is. `ServerAway` covers other cases. */
export function ReadState({ of: { data, error, failureReason, dataUpdatedAt, isPlaceholderData } }: ReadStateProps) {
  const problem = error ?? failureReason;
  const hasOwnData = data !== undefined && !isPlaceholderData;
  if (problem && !isAway(problem)) {
    return (
      <p className="problem" role="status">
        {toSentence(problem)}
        {hasOwnData && ` This page shows data from ${formatTime(dataUpdatedAt / 1_000)}.`}
      </p>
    );
  }
  if (hasOwnData) return null;
  return (
    <p className="soft reading" role="status">
      Loading…
    </p>
  );
}
