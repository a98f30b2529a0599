import { exactUpTo, type ReadyRow, toEstimatedPlace, toExactPlace } from '../../decisions/positions.ts';
import type { Session } from '../database/session.ts';
import { type Statement, toStatement } from '../database/statement.ts';

const selectReady = toStatement<ReadyRow>(
  `SELECT id, organization_id, requests.model, priority, created_at, lanes.ready, lanes.turn
   FROM requests JOIN lanes USING (organization_id, model)
   WHERE id = $1 AND organization_id = $2 AND requests.ready`,
);

/**
 * Organizations take turns. So each request that is ahead in the same lane brings one request of every other lane ahead with it,
 * as long as that lane has any; a lane whose turn comes first brings one more. Every walk ends after a thousand steps. A longer
 * lane is walked from both ends, and the rest is estimated. Call it in one snapshot.
 */
export async function readPosition(
  session: Session,
  organizationId: string,
  requestId: string,
): Promise<number | undefined> {
  const row = await session.get(selectReady, requestId, organizationId);
  if (!row) return undefined;
  const own = await countOwn(session, row);
  return own + (await countOthers(session, row, own));
}

/** How many requests of its lane come before it. */
async function countOwn(session: Session, row: ReadyRow): Promise<number> {
  const before = await countSide(session, row, ahead);
  const place =
    toExactPlace(row, { before }) ?? toExactPlace(row, { before, after: await countSide(session, row, behind) });
  return place ?? toEstimatedPlace(row, await readEnds(session, row));
}

type Count = Statement<{ readonly found: number }>;

interface Side {
  readonly samePriority: Count;
  readonly otherPriority: Count;
}

/**
 *     Index Only Scan using requests_ready on requests
 *       Index Cond: ((organization_id = $1) AND (model = $2) AND (priority = $3) AND (id < $4))
 */
export const ahead: Side = toSide({ priority: '>', id: '<' });
export const behind: Side = toSide({ priority: '<', id: '>' });

function toSide({ priority, id }: { readonly priority: '<' | '>'; readonly id: '<' | '>' }): Side {
  const count = (where: string): Count =>
    toStatement(
      `SELECT count(*) AS found FROM (
         SELECT 1 FROM requests WHERE organization_id = $1 AND model = $2 AND ready AND ${where}
         LIMIT ${exactUpTo}
       ) AS walk`,
    );
  return { samePriority: count(`priority = $3 AND id ${id} $4`), otherPriority: count(`priority ${priority} $3`) };
}

/** Counts on one side of a request in its lane, up to `exactUpTo`. */
async function countSide(
  session: Session,
  { organization_id: organizationId, model, priority, id }: ReadyRow,
  side: Side,
): Promise<number> {
  const same = (await session.get(side.samePriority, organizationId, model, priority, id))?.found ?? 0;
  if (same >= exactUpTo) return exactUpTo;
  const other = (await session.get(side.otherPriority, organizationId, model, priority))?.found ?? 0;
  return Math.min(same + other, exactUpTo);
}

const selectFirst = toEnd('priority DESC, id');
const selectLast = toEnd('priority, id DESC');

function toEnd(order: string): Statement<{ readonly created_at: number }> {
  return toStatement(
    `SELECT created_at FROM requests WHERE organization_id = $1 AND model = $2 AND ready ORDER BY ${order} LIMIT 1`,
  );
}

/** When the first and the last request of the lane were made. */
async function readEnds(
  session: Session,
  { organization_id: organizationId, model }: ReadyRow,
): Promise<{ readonly firstAt: number | undefined; readonly lastAt: number | undefined }> {
  return {
    firstAt: (await session.get(selectFirst, organizationId, model))?.created_at,
    lastAt: (await session.get(selectLast, organizationId, model))?.created_at,
  };
}

/**
 * In the order of claims, so that the lanes whose turn comes first are among the thousand.
 *
 *     Index Scan using lanes_ready on lanes
 *       Index Cond: (model = $4)
 */
export const sumOthers = toStatement<{ readonly found: number }>(
  `SELECT coalesce(sum(least(ready, $1 + CASE WHEN (turn, organization_id) < ($2, $3) THEN 1 ELSE 0 END)), 0) AS found
   FROM (
     SELECT ready, turn, organization_id FROM lanes WHERE model = $4 AND has_ready AND NOT is_suspended AND organization_id <> $3
     ORDER BY turn, organization_id LIMIT ${exactUpTo}
   ) AS others`,
);

async function countOthers(
  session: Session,
  { turn, organization_id: organizationId, model }: ReadyRow,
  own: number,
): Promise<number> {
  return (await session.get(sumOthers, own, turn, organizationId, model))?.found ?? 0;
}
