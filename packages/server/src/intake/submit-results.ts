import { groupDigits } from '@darkroom/protocol';
import type { BudgetStatus } from '../core/budgets.ts';
import type { ImageRequest } from '../core/image-request.ts';
import { type OneLimit, toSubject } from '../core/limits.ts';
import { Problem } from '../core/problem.ts';
import type { SubmitResult } from '../store/request-store.ts';

/** The service cannot know when a place in the queue becomes free. */
const fullQueueSeconds = 10;

export interface Submitted {
  readonly request: ImageRequest;
  /** Was it made by an earlier submit of the same idempotency key? */
  readonly isReplayed: boolean;
}

/** The request that a submit has made, now or before; throws the `Problem` of a submit that was not kept. */
export function toSubmitted(result: SubmitResult): Submitted {
  switch (result.kind) {
    case 'submitted':
    case 'replayed':
      return { request: result.request, isReplayed: result.kind === 'replayed' };
    case 'conflict':
      throw createConflict();
    case 'queue-full':
      throw toFullProblem(result.limit);
    case 'over-budget':
      throw new Problem('budget_exceeded', toBudgetSentence(result.budget));
  }
}

function toFullProblem(limit: OneLimit): Problem {
  return new Problem(
    'queue_full',
    `${toSubject(limit)} has ${groupDigits(limit.value)} queued requests, which is its limit: wait for some of them to end, or cancel some.`,
    { retryAfterSeconds: fullQueueSeconds, limit: { name: 'queued_requests', ...limit } },
  );
}

function createConflict(): Problem {
  return new Problem(
    'idempotency_conflict',
    'This Idempotency-Key was already used with a different body: use a new key for each request, and repeat a request with the same key and body.',
  );
}

function toBudgetSentence({ scope, id, period, limitMicros, usedMicros }: BudgetStatus): string {
  const owner = scope === 'key' ? `the API key ${id}` : `the organization ${id}`;
  return (
    `The request does not fit in the budget of ${owner}, which is ${toAmount(limitMicros)} per ${period}: ` +
    `${toAmount(usedMicros)} of it is spent or reserved. A new ${period} begins at midnight UTC${period === 'month' ? ' on the first' : ''}.`
  );
}

/** Dollars, rounded down to the cent. */
function toAmount(micros: number): string {
  return `$${(Math.floor(micros / 10_000) / 100).toFixed(2)}`;
}
