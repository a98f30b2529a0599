import type { DatabaseSync } from 'node:sqlite';
import type { WebhookEndpoint } from '../../../core/webhooks.ts';
import type { DeliveryLane } from '../../damage/isolate-deliveries.ts';
import { toChangedEndpoint } from '../../decisions/deliveries.ts';
import { type EndpointRow, toEndpoint, toEndpointColumns } from '../../rows/webhook-rows.ts';
import type { WebhookStore } from '../../webhook-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { preparePauseLane, prepareRefreshLane } from './webhook-lanes.ts';

export function prepareCreateEndpoint(db: DatabaseSync): (endpoint: WebhookEndpoint, limit: number) => boolean {
  const count = prepareQuery<{ readonly count: number }>(
    db,
    'SELECT count(*) AS count FROM (SELECT 1 FROM webhook_endpoints WHERE organization_id = ? LIMIT ?)',
  );
  const insert = prepareCommand(
    db,
    `INSERT INTO webhook_endpoints (
       id, organization_id, url, events, created_at, secret_version, old_secret_until, failures, failing_since, paused_at,
       pause_reason, told_after
     ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0))`,
  );
  const pauseLane = preparePauseLane(db);
  return (endpoint, limit) => {
    if ((count.get(endpoint.organizationId, limit)?.count ?? 0) >= limit) return false;
    const { id: endpointId, organizationId, createdAt } = endpoint;
    const [url, events, ...rest] = toEndpointColumns(endpoint);
    insert.run(endpointId, organizationId, url, events, createdAt, ...rest);
    pauseLane({ organizationId, endpointId }, endpoint.pausedAt !== undefined);
    return true;
  };
}

export function prepareListEndpoints(db: DatabaseSync): (organizationId: string) => readonly WebhookEndpoint[] {
  const select = prepareQuery<EndpointRow>(
    db,
    'SELECT * FROM webhook_endpoints WHERE organization_id = ? ORDER BY created_at, id',
  );
  return (organizationId) => select.all(organizationId).map(toEndpoint);
}

export function prepareFindEndpoint(
  db: DatabaseSync,
): (organizationId: string, id: string) => WebhookEndpoint | undefined {
  const select = prepareQuery<EndpointRow>(db, 'SELECT * FROM webhook_endpoints WHERE id = ? AND organization_id = ?');
  return (organizationId, id) => {
    const row = select.get(id, organizationId);
    return row && toEndpoint(row);
  };
}

export function prepareUpdateEndpoint(
  db: DatabaseSync,
): (...args: Parameters<WebhookStore['updateEndpoint']>) => WebhookEndpoint | undefined {
  const find = prepareFindEndpoint(db);
  const update = prepareCommand(
    db,
    `UPDATE webhook_endpoints SET url = ?, events = ?, secret_version = ?, old_secret_until = ?, failures = ?,
       failing_since = ?, paused_at = ?, pause_reason = ? WHERE id = ?`,
  );
  const pauseLane = preparePauseLane(db);
  const endWaits = prepareEndWaits(db);
  return (organizationId, id, changes) => {
    const before = find(organizationId, id);
    if (!before) return undefined;
    const { endpoint, resumedFrom } = toChangedEndpoint(before, changes);
    const lane = { organizationId, endpointId: id };
    update.run(...toEndpointColumns(endpoint), id);
    pauseLane(lane, endpoint.pausedAt !== undefined);
    if (resumedFrom !== undefined) endWaits(lane, resumedFrom);
    return endpoint;
  };
}

/** Deliveries that wait for another try were due when the endpoint was paused; those under way stay under way. */
function prepareEndWaits(db: DatabaseSync): (lane: DeliveryLane, pausedAt: number) => void {
  const update = prepareCommand(
    db,
    `UPDATE webhook_deliveries SET next_at = ?1, due_at = ?1
     WHERE organization_id = ?2 AND endpoint_id = ?3 AND due_at > ?1 AND due_at = next_at`,
  );
  const refreshLane = prepareRefreshLane(db);
  return (lane, pausedAt) => {
    update.run(pausedAt, lane.organizationId, lane.endpointId);
    refreshLane(lane);
  };
}

/** Its lane stays, because its deliveries are listed by it. */
export function prepareDeleteEndpoint(db: DatabaseSync): (organizationId: string, id: string) => boolean {
  const remove = prepareCommand(db, 'DELETE FROM webhook_endpoints WHERE id = ? AND organization_id = ?');
  const giveUp = prepareCommand(
    db,
    `UPDATE webhook_deliveries SET status = 'failed', due_at = NULL
     WHERE organization_id = ? AND endpoint_id = ? AND status = 'pending'`,
  );
  const refreshLane = prepareRefreshLane(db);
  return (organizationId, endpointId) => {
    if (remove.run(endpointId, organizationId) === 0) return false;
    giveUp.run(organizationId, endpointId);
    refreshLane({ organizationId, endpointId });
    return true;
  };
}
