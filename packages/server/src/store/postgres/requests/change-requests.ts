import type { Transition } from '../../decisions/transitions.ts';
import { toJson } from '../../rows/request-rows.ts';
import { toFailureCode } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** How a transaction changes a request that it has locked. */
export interface RequestChange {
  readonly id: string;
  /** Added to what its calls have cost so far. */
  readonly costMicros: number;
  /** `undefined`: the status and the lease stay. */
  readonly transition: Transition | undefined;
}

/**
 * Changes any number of requests in one statement, so that the triggers count once. The requests are locked, and the changes were
 * decided from their rows.
 *
 *     Index Scan using requests_pkey on requests
 *       Index Cond: (id = change.id)
 */
export const updateRequests = toStatement(
  `UPDATE requests SET
     cost_micros = requests.cost_micros + change.cost_micros,
     status = coalesce(change.status, requests.status),
     ready = CASE WHEN change.status IS NULL THEN requests.ready ELSE change.ready END,
     available_at = coalesce(change.available_at, requests.available_at),
     retry_code = CASE WHEN change.status IS NULL THEN requests.retry_code ELSE change.retry_code END,
     outcome = coalesce(change.outcome, requests.outcome),
     failure_code = coalesce(change.failure_code, requests.failure_code),
     lease_token = CASE WHEN change.status IS NULL THEN requests.lease_token END,
     lease_expires_at = CASE WHEN change.status IS NULL THEN requests.lease_expires_at END,
     worker = CASE WHEN change.status IS NULL THEN requests.worker END,
     updated_at = coalesce(change.updated_at, requests.updated_at)
   FROM unnest($1::text[], $2::bigint[], $3::text[], $4::boolean[], $5::bigint[], $6::text[], $7::text[], $8::text[],
     $9::bigint[]) AS change (id, cost_micros, status, ready, available_at, retry_code, outcome, failure_code, updated_at)
   WHERE requests.id = change.id`,
);

export async function changeRequests(session: Session, changes: readonly RequestChange[]): Promise<void> {
  const real = changes.filter(({ costMicros, transition }) => costMicros > 0 || transition);
  if (real.length === 0) return;
  await session.run(
    updateRequests,
    real.map(({ id }) => id),
    real.map(({ costMicros }) => costMicros),
    real.map(({ transition }) => transition?.status ?? null),
    real.map(({ transition }) => transition?.isReady ?? false),
    real.map(({ transition }) => transition?.availableAt ?? null),
    real.map(({ transition }) => transition?.retryCode ?? null),
    real.map(({ transition }) => toJson(transition?.outcome)),
    real.map(({ transition }) => toFailureCode(transition?.outcome)),
    real.map(({ transition }) => transition?.at ?? null),
  );
}
