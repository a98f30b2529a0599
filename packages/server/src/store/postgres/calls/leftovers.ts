import type { Lease } from '../../../core/image-request.ts';
import { type LeftoverResult, toLeftoverAnswered } from '../../decisions/calls.ts';
import type { Telling } from '../../decisions/news.ts';
import { type StateChange, toTakeBack } from '../../decisions/upstream-states.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** An attempt whose lines under way end now. Sent lines may have been charged for; unsent lines are removed. */
export interface Leftover {
  readonly lease: Lease;
  /** `undefined`: the sent lines run to their end. */
  readonly result: LeftoverResult | undefined;
  readonly now: number;
}

const ofAttempt = `attempts.request_id = attempt.request_id AND attempts.number = attempt.number
  AND attempts.lease_token = attempt.lease_token AND attempts.result IS NULL`;
const lineColumns = 'attempts.request_id, image_index, upstream, model, started_at, cost_micros';

/**
 *     Index Scan using attempts_pkey on attempts
 *       Index Cond: ((request_id = attempt.request_id) AND (number = attempt.number))
 */
export const endLines = toStatement<LeftoverRow>(
  `WITH attempt AS (
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
       AS attempt (request_id, number, lease_token, result, now)
   ), removed AS (
     DELETE FROM attempts USING attempt WHERE ${ofAttempt} AND sent_at IS NULL RETURNING ${lineColumns}
   ), ended AS (
     UPDATE attempts SET result = attempt.result, ended_at = attempt.now, is_possibly_billed = true FROM attempt
     WHERE ${ofAttempt} AND sent_at IS NOT NULL AND attempt.result IS NOT NULL RETURNING ${lineColumns}
   )
   SELECT *, true AS is_removed FROM removed UNION ALL SELECT *, false FROM ended ORDER BY request_id, image_index`,
);

interface LeftoverRow {
  readonly request_id: string;
  readonly image_index: number;
  readonly upstream: string;
  readonly model: string;
  readonly started_at: number;
  readonly cost_micros: number;
  readonly is_removed: boolean;
}

export interface EndedLeftovers {
  readonly tellingsOf: (requestId: string) => readonly Telling[];
  /** The upstreams get back what the grants of unsent calls have counted. */
  readonly changes: readonly StateChange[];
}

/** At most one attempt of each request. */
export async function endLeftovers(session: Session, leftovers: readonly Leftover[]): Promise<EndedLeftovers> {
  const rows = await session.all(
    endLines,
    leftovers.map(({ lease }) => lease.requestId),
    leftovers.map(({ lease }) => lease.attempt),
    leftovers.map(({ lease }) => lease.token),
    leftovers.map(({ result }) => result ?? null),
    leftovers.map(({ now }) => now),
  );
  const byRequest = new Map(leftovers.map((leftover) => [leftover.lease.requestId, leftover]));
  const ended = rows.flatMap((row) => {
    const leftover = byRequest.get(row.request_id);
    return leftover ? [{ row, leftover }] : [];
  });
  const tellings = ended.flatMap(({ row, leftover }) => toTelling(row, leftover) ?? []);
  return {
    tellingsOf: (requestId) => tellings.filter((telling) => telling.requestId === requestId),
    changes: ended.flatMap(({ row, leftover }) => (row.is_removed ? [toTakeBack(row, leftover.now)] : [])),
  };
}

function toTelling(row: LeftoverRow, { lease, result, now }: Leftover): Telling | undefined {
  if (row.is_removed || result === undefined) return undefined;
  return { requestId: lease.requestId, at: now, moment: toLeftoverAnswered(lease, row, result) };
}
