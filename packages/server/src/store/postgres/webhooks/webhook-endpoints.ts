import type { WebhookEndpoint } from '../../../core/webhooks.ts';
import type { DeliveryLane } from '../../damage/isolate-deliveries.ts';
import { toChangedEndpoint } from '../../decisions/deliveries.ts';
import { type EndpointRow, toEndpoint, toEndpointColumns } from '../../rows/webhook-rows.ts';
import type { WebhookStore } from '../../webhook-store.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { pauseLane, refreshLanes } from './webhook-lanes.ts';

const columns = `id, organization_id, created_at, url, events, secret_version, old_secret_until, failures, failing_since,
  paused_at, pause_reason`;

const insertEndpoint = toStatement(
  `INSERT INTO webhook_endpoints (${columns}, told_after)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (SELECT last_seq FROM event_counter))`,
);
const countEndpoints = toStatement<{ readonly count: number }>(
  'SELECT count(*) AS count FROM (SELECT 1 FROM webhook_endpoints WHERE organization_id = $1 LIMIT $2) AS known',
);

export async function createEndpoint(session: Session, endpoint: WebhookEndpoint, limit: number): Promise<boolean> {
  const { id: endpointId, organizationId, createdAt, pausedAt } = endpoint;
  await lockAdvisory(session, advisoryLocks.webhooks);
  if (((await session.get(countEndpoints, organizationId, limit))?.count ?? 0) >= limit) return false;
  await session.run(insertEndpoint, endpointId, organizationId, createdAt, ...toEndpointColumns(endpoint));
  await pauseLane(session, { organizationId, endpointId }, pausedAt !== undefined);
  return true;
}

const selectEndpoints = toStatement<EndpointRow>(
  `SELECT ${columns} FROM webhook_endpoints WHERE organization_id = $1 ORDER BY created_at, id`,
);

export async function listEndpoints(session: Session, organizationId: string): Promise<readonly WebhookEndpoint[]> {
  return (await session.all(selectEndpoints, organizationId)).map(toEndpoint);
}

const selectEndpoint = toStatement<EndpointRow>(
  `SELECT ${columns} FROM webhook_endpoints WHERE id = $1 AND organization_id = $2`,
);

export async function findEndpoint(
  session: Session,
  organizationId: string,
  id: string,
): Promise<WebhookEndpoint | undefined> {
  const row = await session.get(selectEndpoint, id, organizationId);
  return row && toEndpoint(row);
}

/** Nobody else changes endpoints until the transaction ends. */
export async function lockEndpoint(
  session: Session,
  organizationId: string,
  id: string,
): Promise<WebhookEndpoint | undefined> {
  await lockAdvisory(session, advisoryLocks.webhooks);
  return findEndpoint(session, organizationId, id);
}

const updateColumns = toStatement(
  `UPDATE webhook_endpoints SET url = $2, events = $3, secret_version = $4, old_secret_until = $5, failures = $6,
     failing_since = $7, paused_at = $8, pause_reason = $9 WHERE id = $1`,
);

export async function updateEndpoint(
  session: Session,
  ...[organizationId, id, changes]: Parameters<WebhookStore['updateEndpoint']>
): Promise<WebhookEndpoint | undefined> {
  const before = await lockEndpoint(session, organizationId, id);
  if (!before) return undefined;
  const { endpoint, resumedFrom } = toChangedEndpoint(before, changes);
  const lane = { organizationId, endpointId: id };
  await session.run(updateColumns, id, ...toEndpointColumns(endpoint));
  await pauseLane(session, lane, endpoint.pausedAt !== undefined);
  if (resumedFrom !== undefined) await endWaits(session, lane, resumedFrom);
  return endpoint;
}

/** Deliveries that wait for another try were due when the endpoint was paused; those under way stay under way. */
const updateWaiting = toStatement(
  `UPDATE webhook_deliveries SET next_at = $1, due_at = $1
   WHERE organization_id = $2 AND endpoint_id = $3 AND due_at > $1 AND due_at = next_at`,
);

async function endWaits(session: Session, lane: DeliveryLane, pausedAt: number): Promise<void> {
  await session.run(updateWaiting, pausedAt, lane.organizationId, lane.endpointId);
  await refreshLanes(session, [lane]);
}

const removeEndpoint = toStatement('DELETE FROM webhook_endpoints WHERE id = $1 AND organization_id = $2');
const giveUp = toStatement(
  `UPDATE webhook_deliveries SET status = 'failed', due_at = NULL
   WHERE organization_id = $1 AND endpoint_id = $2 AND status = 'pending'`,
);

/** Its lane stays, because its deliveries are listed by it. */
export async function deleteEndpoint(session: Session, organizationId: string, endpointId: string): Promise<boolean> {
  await lockAdvisory(session, advisoryLocks.webhooks);
  if ((await session.run(removeEndpoint, endpointId, organizationId)) === 0) return false;
  await session.run(giveUp, organizationId, endpointId);
  await refreshLanes(session, [{ organizationId, endpointId }]);
  return true;
}
