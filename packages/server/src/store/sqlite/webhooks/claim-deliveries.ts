import type { DatabaseSync } from 'node:sqlite';
import type { WebhookDelivery } from '../../../core/webhooks.ts';
import {
  type DeliveryLane,
  type TracedClaimQuery,
  type TracedClaimResult,
  toLaneText,
} from '../../damage/isolate-deliveries.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import { type DeliveryRow, spreadAtOnce, toDelivery } from '../../rows/webhook-rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { deliveryColumns } from './delivery-rows.ts';
import { prepareSpreadNews } from './outbox.ts';
import { prepareRefreshLane } from './webhook-lanes.ts';

/**
 * Lanes take turns: first the lanes that have waited longest, one delivery each, then again. So an address with a long backlog or
 * without an answer keeps others waiting no longer than its share.
 *
 *     SEARCH webhook_lanes USING INDEX webhook_lanes_due (due_at<?)
 *     SEARCH webhook_deliveries USING INDEX webhook_deliveries_due (organization_id=? AND endpoint_id=? AND due_at<?)
 */
export function prepareClaimDeliveries(db: DatabaseSync): (query: TracedClaimQuery, trace: Trace) => TracedClaimResult {
  const selectDue = prepareQuery<{ readonly organization_id: string; readonly endpoint_id: string }>(
    db,
    `SELECT organization_id, endpoint_id FROM webhook_lanes WHERE is_paused = 0 AND due_at <= ?
     ORDER BY due_at LIMIT ?`,
  );
  const nextDue = prepareQuery<{ readonly due_at: number | null }>(
    db,
    'SELECT min(due_at) AS due_at FROM webhook_lanes WHERE is_paused = 0 AND due_at IS NOT NULL',
  );
  const spread = prepareSpreadNews(db);
  const takeFirst = prepareTakeFirst(db);
  const endTurn = prepareEndTurn(db);

  return (query, trace) => {
    const news = trace.isAlone ? undefined : spread({ limit: spreadAtOnce, leftOut: query.leftOut }, trace);
    const deliveries: WebhookDelivery[] = [];
    const due = selectDue.all(query.now, query.limit + trace.aside.size).map(toKey);
    const served = trace.choose(due, { idOf: toLaneText, limit: query.limit });
    let lanes = served;
    while (lanes.length > 0 && deliveries.length < query.limit) {
      lanes = lanes.filter((lane) => {
        trace.touch(toLaneText(lane));
        const delivery = deliveries.length < query.limit ? takeFirst(lane, query) : undefined;
        if (delivery) deliveries.push(delivery);
        return delivery !== undefined;
      });
    }
    for (const lane of served) endTurn(lane, query.now);
    return { deliveries, nextAt: nextDue.get()?.due_at ?? undefined, news };
  };
}

function toKey(row: { readonly organization_id: string; readonly endpoint_id: string }): DeliveryLane {
  return { organizationId: row.organization_id, endpointId: row.endpoint_id };
}

/**
 * Its `nextAt` is the end of the lease, by which `endTry` recognizes it. When its lease has run out, a `resend` may have put
 * another delivery before it in the meantime: then it goes back behind that one.
 */
function prepareTakeFirst(
  db: DatabaseSync,
): (lane: DeliveryLane, query: TracedClaimQuery) => WebhookDelivery | undefined {
  const update = prepareQuery<DeliveryRow & { readonly is_taken: number }>(
    db,
    `UPDATE webhook_deliveries AS first SET due_at = CASE WHEN NOT EXISTS (
       SELECT 1 FROM webhook_deliveries AS earlier WHERE earlier.status = 'pending'
         AND earlier.request_id = first.request_id AND earlier.endpoint_id = first.endpoint_id
         AND earlier.number < first.number
     ) THEN ? END
     WHERE number = (
       SELECT number FROM webhook_deliveries WHERE organization_id = ? AND endpoint_id = ? AND due_at <= ?
       ORDER BY due_at LIMIT 1
     ) RETURNING ${deliveryColumns}, due_at IS NOT NULL AS is_taken`,
  );
  return ({ organizationId, endpointId }, { now, leaseMs }) => {
    for (;;) {
      const row = update.get(now + leaseMs, organizationId, endpointId, now);
      if (!row) return undefined;
      if (row.is_taken === 1) return toDelivery(row);
    }
  };
}

function prepareEndTurn(db: DatabaseSync): (lane: DeliveryLane, now: number) => void {
  const serve = prepareCommand(
    db,
    'UPDATE webhook_lanes SET served_at = ? WHERE organization_id = ? AND endpoint_id = ?',
  );
  const refreshLane = prepareRefreshLane(db);
  return (lane, now) => {
    serve.run(now, lane.organizationId, lane.endpointId);
    refreshLane(lane);
  };
}
