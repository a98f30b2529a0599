import type { DatabaseSync } from 'node:sqlite';
import type { RequestWebhook, WebhookEvent } from '../../core/webhooks.ts';
import { createSecret } from '../../platform/ids.ts';
import { ownUrl } from '../webhook-rows.ts';
import { prepareCommand, prepareQuery } from './query.ts';
import { prepareRefreshLane } from './webhook-lanes.ts';

/** What there is to tell, to all who asked for it. */
export interface News {
  readonly requestId: string;
  readonly organizationId: string;
  readonly seq: number;
  readonly at: number;
  readonly event: WebhookEvent;
  /** The request's own webhook. */
  readonly own: RequestWebhook | undefined;
}

/** One delivery for each address that asks for the event, due at once unless its line has others before it. */
export function prepareAddDeliveries(db: DatabaseSync): (news: News) => void {
  const selectEndpoints = prepareQuery<{ readonly id: string; readonly url: string; readonly events: string }>(
    db,
    'SELECT id, url, events FROM webhook_endpoints WHERE organization_id = ? ORDER BY created_at, id',
  );
  const insert = prepareCommand(
    db,
    `INSERT INTO webhook_deliveries (
       id, organization_id, request_id, endpoint_id, url, event, seq, status, tries, created_at, next_at, due_at
     ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pending', 0, ?8, ?8, CASE WHEN EXISTS (
       SELECT 1 FROM webhook_deliveries WHERE request_id = ?3 AND endpoint_id = ?4 AND status = 'pending'
     ) THEN NULL ELSE ?8 END)`,
  );
  const refreshLane = prepareRefreshLane(db);

  const add = ({ organizationId, requestId, event, seq, at }: News, endpointId: string, url: string) => {
    insert.run(`msg_${createSecret(144)}`, organizationId, requestId, endpointId, url, event, seq, at);
    refreshLane({ organizationId, endpointId });
  };
  return (news) => {
    if (news.own?.events.includes(news.event)) add(news, ownUrl, news.own.url);
    for (const { id, url, events } of selectEndpoints.all(news.organizationId)) {
      // Our own writing, an array of `WebhookEvent`.
      const chosen: readonly WebhookEvent[] = JSON.parse(events);
      if (chosen.includes(news.event)) add(news, id, url);
    }
  };
}
