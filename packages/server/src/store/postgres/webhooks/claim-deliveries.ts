import type { WebhookDelivery } from '../../../core/webhooks.ts';
import { type TracedClaimQuery, type TracedClaimResult, toLaneText } from '../../damage/isolate-deliveries.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { type DeliveryRow, spreadAtOnce, toDelivery } from '../../rows/webhook-rows.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { deliveryColumns } from './delivery-rows.ts';
import { spreadNews } from './outbox.ts';
import { refreshLanes } from './webhook-lanes.ts';

interface LaneRow {
  readonly organization_id: string;
  readonly endpoint_id: string;
}

/**
 *     Index Scan using webhook_lanes_due on webhook_lanes
 *       Index Cond: (due_at <= $1)
 */
export const selectDueLanes = toStatement<LaneRow>(
  `SELECT organization_id, endpoint_id FROM webhook_lanes WHERE NOT is_paused AND due_at IS NOT NULL AND due_at <= $1
   ORDER BY due_at LIMIT $2`,
);

const selectNextDue = toStatement<{ readonly due_at: number | null; readonly has_news: boolean }>(
  `SELECT (SELECT due_at FROM webhook_lanes WHERE NOT is_paused AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) AS due_at,
     (SELECT 1 FROM webhook_news LIMIT 1) IS NOT NULL AS has_news`,
);

/**
 * Lanes take turns: first the lanes that have waited longest, one delivery each, then again. So an address with a long backlog or
 * without an answer keeps others waiting no longer than its share. An idle claim runs one query and locks nothing.
 *
 * Differs from the twin because each round is one statement for all lanes.
 */
export async function claimDeliveries(db: Database, query: TracedClaimQuery, trace: Trace): Promise<TracedClaimResult> {
  const next = await db.get(selectNextDue);
  const nextAt = next?.due_at ?? undefined;
  if (!next?.has_news && (nextAt === undefined || nextAt > query.now))
    return { deliveries: [], nextAt, news: undefined };
  return db.transaction(async (session) => {
    await lockAdvisory(session, advisoryLocks.webhooks);
    const spread = { limit: spreadAtOnce, leftOut: query.leftOut };
    const news = trace.isAlone ? undefined : await spreadNews(session, spread, trace);
    const due = await session.all(selectDueLanes, query.now, query.limit + trace.aside.size);
    const served = trace.choose(due, { idOf: toText, limit: query.limit });
    for (const lane of served) trace.touch(toText(lane));
    const deliveries = await takeTurns(session, served, query);
    await endTurns(session, served, query.now);
    return { deliveries, nextAt: (await session.get(selectNextDue))?.due_at ?? undefined, news };
  });
}

function toText({ organization_id: organizationId, endpoint_id: endpointId }: LaneRow): string {
  return toLaneText({ organizationId, endpointId });
}

async function takeTurns(
  session: Session,
  served: readonly LaneRow[],
  query: TracedClaimQuery,
): Promise<readonly WebhookDelivery[]> {
  const deliveries: WebhookDelivery[] = [];
  let lanes = served;
  while (lanes.length > 0 && deliveries.length < query.limit) {
    const asked = lanes.slice(0, query.limit - deliveries.length);
    const rows = await takeFirst(session, asked, query);
    const taken = rows.filter((row) => row.is_taken);
    // In the order of the turns, which the statement does not keep.
    deliveries.push(...asked.flatMap((lane) => taken.filter((row) => isOf(row, lane)).map(toDelivery)));
    lanes = [...lanes.slice(asked.length), ...asked.filter((lane) => rows.some((row) => isOf(row, lane)))];
  }
  return deliveries;
}

function isOf(row: DeliveryRow, lane: LaneRow): boolean {
  return row.organization_id === lane.organization_id && row.endpoint_id === lane.endpoint_id;
}

/**
 * The first due delivery of each lane. Its `nextAt` is the end of the lease, by which `endTry` recognizes it. When its lease has
 * run out, a `resend` may have put another delivery before it in the meantime: then it goes back behind that one.
 *
 *     Index Scan using webhook_deliveries_due on webhook_deliveries
 *       Index Cond: ((organization_id = lane.organization_id) AND (endpoint_id = lane.endpoint_id) AND (due_at <= $4))
 */
export const updateFirst = toStatement<DeliveryRow & { readonly is_taken: boolean }>(
  `UPDATE webhook_deliveries SET due_at = CASE WHEN NOT EXISTS (
     SELECT 1 FROM webhook_deliveries AS earlier WHERE earlier.status = 'pending'
       AND earlier.request_id = webhook_deliveries.request_id AND earlier.endpoint_id = webhook_deliveries.endpoint_id
       AND earlier.number < webhook_deliveries.number
   ) THEN $3::bigint END
   WHERE number IN (
     SELECT walk.number FROM unnest($1::text[], $2::text[]) AS lane (organization_id, endpoint_id) CROSS JOIN LATERAL (
       SELECT number FROM webhook_deliveries AS due
       WHERE due.organization_id = lane.organization_id AND due.endpoint_id = lane.endpoint_id AND due_at IS NOT NULL
         AND due_at <= $4
       ORDER BY due_at, number LIMIT 1
     ) AS walk
   ) RETURNING ${deliveryColumns}, due_at IS NOT NULL AS is_taken`,
);

function takeFirst(session: Session, lanes: readonly LaneRow[], { now, leaseMs }: TracedClaimQuery) {
  return session.all(
    updateFirst,
    lanes.map((lane) => lane.organization_id),
    lanes.map((lane) => lane.endpoint_id),
    now + leaseMs,
    now,
  );
}

const serveLanes = toStatement(
  `UPDATE webhook_lanes SET served_at = $3 FROM unnest($1::text[], $2::text[]) AS served (organization_id, endpoint_id)
   WHERE webhook_lanes.organization_id = served.organization_id AND webhook_lanes.endpoint_id = served.endpoint_id`,
);

async function endTurns(session: Session, served: readonly LaneRow[], now: number): Promise<void> {
  if (served.length === 0) return;
  const organizationIds = served.map((lane) => lane.organization_id);
  const endpointIds = served.map((lane) => lane.endpoint_id);
  await session.run(serveLanes, organizationIds, endpointIds, now);
  await refreshLanes(
    session,
    served.map((lane) => ({ organizationId: lane.organization_id, endpointId: lane.endpoint_id })),
  );
}
