import type { FailureOutcome } from '../../core/image-request.ts';
import type { Settlement } from '../request-store.ts';

/** The outcome of a request that its database refuses to read or to write. */
export const poisonedOutcome: FailureOutcome = {
  kind: 'failure',
  failure: {
    code: 'internal_error',
    message:
      'The database refuses the record of this request. The log of the service gives the reason, next to the id of the request.',
  },
};

/** The same settlement with nothing but its cost, for a row that refuses the rest. */
export function toBareSettlement({ lease, ends, now }: Settlement): Settlement {
  const { failure } = poisonedOutcome;
  const bare = ends.map(({ imageIndex, endedAt, costMicros, isPossiblyBilled }) => {
    return { imageIndex, endedAt, result: 'failed', costMicros, isPossiblyBilled, failure } as const;
  });
  return { lease, now, ends: bare, verdict: { kind: 'fail', outcome: poisonedOutcome } };
}
