import type { Taking } from '../../decisions/claims.ts';
import type { ClaimQuery } from '../../request-store.ts';
import { toJson } from '../../rows/request-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/**
 * By the primary key only: these rows were ready when they were locked. A condition on their status would let the planner choose
 * the partial indexes of all queued requests.
 */
export const leaseRequests = toStatement(
  `UPDATE requests SET status = 'processing', ready = false, attempt = attempt + 1, retry_code = NULL,
     lease_token = taken.token, lease_expires_at = $3, worker = $4, updated_at = $5
   FROM unnest($1::text[], $2::text[]) AS taken (id, token)
   WHERE requests.id = taken.id`,
);

/** Unsent until `beginCalls`, unless the claim itself begins them. */
const insertLines = toStatement(
  `INSERT INTO attempts (
     request_id, number, image_index, lease_token, worker, upstream, model, started_at, lease_expires_at,
     estimated_micros, stand_in, sent_at, cost_micros, is_possibly_billed
   )
   SELECT request_id, number, image_index, token, $10, upstream, model, $11, $12, micros, stand_in, sent_at, 0, false
   FROM unnest(
     $1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::bigint[]
   ) AS line (request_id, number, image_index, token, upstream, model, micros, stand_in, sent_at)`,
);

/** In the order of the claims; the last turn of each organization counts. The sequence grows by more than a claim takes. */
export const updateTurns = toStatement(
  `WITH counter AS MATERIALIZED (SELECT nextval('turns') AS base)
   UPDATE lanes SET turn = served.turn
   FROM (SELECT organization_id, max(base + place) AS turn
     FROM counter CROSS JOIN unnest($1::text[]) WITH ORDINALITY AS one (organization_id, place) GROUP BY 1) AS served
   WHERE lanes.organization_id = served.organization_id`,
);

/** Writes what was taken: rows, lines, turns. */
export async function keepTakings(
  session: Session,
  takings: readonly Taking[],
  { worker, now, leaseMs }: ClaimQuery,
): Promise<void> {
  if (takings.length === 0) return;
  const claims = takings.map(({ claim }) => claim);
  const ids = claims.map(({ request }) => request.id);
  const tokens = claims.map(({ lease }) => lease.token);
  const lines = takings.flatMap((taking) => taking.claim.imageIndexes.map((imageIndex) => ({ ...taking, imageIndex })));
  const [leased] = await Promise.all([
    session.run(leaseRequests, ids, tokens, now + leaseMs, worker, now),
    session.run(
      insertLines,
      lines.map(({ claim }) => claim.request.id),
      lines.map(({ claim }) => claim.lease.attempt),
      lines.map(({ imageIndex }) => imageIndex),
      lines.map(({ claim }) => claim.lease.token),
      lines.map(({ claim }) => claim.upstream),
      lines.map(({ model }) => model),
      lines.map(({ micros }) => micros),
      lines.map(({ claim }) => toJson(claim.standIn)),
      lines.map(({ claim }) => (claim.isBegun ? now : null)),
      worker,
      now,
      now + leaseMs,
    ),
    session.run(
      updateTurns,
      claims.map(({ request }) => request.organizationId),
    ),
  ]);
  if (leased < ids.length) throw new Error('A ready request could not be claimed.');
}
