import { toMovedUp, type WaitingRow } from '../../decisions/moving-up.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import { payloadOfRequest } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { ensureLanes } from './lock-lanes.ts';

interface MoveQuery {
  readonly now: number;
  readonly limit: number;
}

/**
 *     Index Scan using requests_moving_up on requests
 *       Index Cond: (moves_up_at <= $1)
 */
export const selectMoving = toStatement<WaitingRow>(
  `SELECT requests.id, organization_id, model, deadline_at, payloads.work
   FROM requests CROSS JOIN LATERAL ${payloadOfRequest}
   WHERE status = 'queued' AND moves_up_at <= $1 ORDER BY moves_up_at LIMIT $2`,
);

/** One statement, so that the triggers count once. By the primary key only, as `leaseRequests` does. */
export const moveRequests = toStatement(
  `UPDATE requests SET model = moved.lane, moves_up_at = moved.moves_up_at
   FROM unnest($1::text[], $2::text[], $3::bigint[]) AS moved (id, lane, moves_up_at)
   WHERE requests.id = moved.id`,
);

/** Checks first without a transaction, since requests rarely move. Only one process moves them at a time. */
export async function moveUp(db: Database, query: MoveQuery): Promise<readonly string[]> {
  if ((await db.all(selectMoving, query.now, 1)).length === 0) return [];
  return db.transaction(async (session) => {
    await lockAdvisory(session, advisoryLocks.rescue);
    return moveUpIn(session, query);
  });
}

/**
 * Locks all lanes of the organizations: from then on nobody else changes the status of their requests. What was claimed before that
 * is not found again, and stays where it is.
 */
async function moveUpIn(session: Session, query: MoveQuery): Promise<readonly string[]> {
  const found = await readMoved(session, query);
  await ensureLanes(
    session,
    found.map(({ row, lane }) => ({ organizationId: row.organization_id, model: lane })),
  );
  const ids = new Set(found.map(({ row }) => row.id));
  const moved = (await readMoved(session, query)).filter(({ row }) => ids.has(row.id));
  await session.run(
    moveRequests,
    moved.map(({ row }) => row.id),
    moved.map(({ lane }) => lane),
    moved.map(({ movesUpAt }) => movesUpAt ?? null),
  );
  return moved.map(({ row }) => row.id);
}

async function readMoved(session: Session, { now, limit }: MoveQuery) {
  const rows = await session.all(selectMoving, now, limit);
  return rows.map((row) => ({ row, ...toMovedUp(row, now) }));
}
