import type { Clock } from '../platform/clock.ts';

interface ShareOptions {
  /** How long an answer counts, from when it came. */
  readonly forMs: number;
  readonly clock: Clock;
}

/** A check whose answers, good or bad, count for some time. Callers that ask while a check is under way share its answer. */
export function shareChecks(check: () => Promise<void>, { forMs, clock }: ShareOptions): () => Promise<void> {
  let last: Promise<void> | undefined;
  let answeredAt: number | undefined;
  /** A clock that was set back makes no answer younger. */
  const counts = () => answeredAt === undefined || Math.abs(clock.now() - answeredAt) < forMs;
  return () => {
    if (last && counts()) return last;
    answeredAt = undefined;
    last = check().finally(() => {
      answeredAt = clock.now();
    });
    return last;
  };
}
