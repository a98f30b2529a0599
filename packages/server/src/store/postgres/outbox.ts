import type { RequestWebhook, WebhookEvent } from '../../core/webhooks.ts';
import { createSecret } from '../../platform/ids.ts';
import { ownUrl } from '../webhook-rows.ts';
import { advisoryLocks, lockAdvisory } from './advisory-locks.ts';
import type { Session } from './session.ts';
import { toStatement } from './statement.ts';
import { refreshLanes } from './webhook-lanes.ts';

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

const selectEndpoints = toStatement<EndpointRow>(
  `SELECT id, organization_id, url, events FROM webhook_endpoints WHERE organization_id = ANY ($1::text[])
   ORDER BY created_at, id`,
);

interface EndpointRow {
  readonly id: string;
  readonly organization_id: string;
  readonly url: string;
  readonly events: string;
}

/** Sorted, since `number` has to grow in the order of `seq`. */
export const insertDeliveries = toStatement(
  `INSERT INTO webhook_deliveries (
     id, organization_id, request_id, endpoint_id, url, event, seq, status, tries, created_at, next_at, due_at
   )
   SELECT news.id, organization_id, request_id, endpoint_id, url, event, seq, 'pending', 0, at, at, CASE WHEN NOT EXISTS (
     SELECT 1 FROM webhook_deliveries AS earlier WHERE earlier.request_id = news.request_id
       AND earlier.endpoint_id = news.endpoint_id AND earlier.status = 'pending'
   ) THEN at END
   FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
     WITH ORDINALITY AS news (id, organization_id, request_id, endpoint_id, url, event, seq, at, place)
   ORDER BY place`,
);

interface Delivery {
  readonly news: News;
  readonly endpointId: string;
  readonly url: string;
}

/** One delivery for each address that asks for the event, due at once unless its line has others before it. */
export async function addDeliveries(session: Session, news: readonly News[]): Promise<void> {
  await lockAdvisory(session, advisoryLocks.webhooks);
  const endpoints = await session.all(selectEndpoints, [...new Set(news.map((one) => one.organizationId))]);
  const deliveries = news.flatMap((one) => toDeliveries(one, endpoints));
  if (deliveries.length === 0) return;
  await session.run(
    insertDeliveries,
    deliveries.map(() => `msg_${createSecret(144)}`),
    deliveries.map((one) => one.news.organizationId),
    deliveries.map((one) => one.news.requestId),
    deliveries.map((one) => one.endpointId),
    deliveries.map((one) => one.url),
    deliveries.map((one) => one.news.event),
    deliveries.map((one) => one.news.seq),
    deliveries.map((one) => one.news.at),
  );
  await refreshLanes(
    session,
    deliveries.map((one) => ({ organizationId: one.news.organizationId, endpointId: one.endpointId })),
  );
}

function toDeliveries(news: News, endpoints: readonly EndpointRow[]): readonly Delivery[] {
  const own = news.own?.events.includes(news.event) ? [{ news, endpointId: ownUrl, url: news.own.url }] : [];
  const others = endpoints.flatMap(({ id, organization_id, url, events }) => {
    if (organization_id !== news.organizationId) return [];
    // Our own writing, an array of `WebhookEvent`.
    const chosen: readonly WebhookEvent[] = JSON.parse(events);
    return chosen.includes(news.event) ? [{ news, endpointId: id, url }] : [];
  });
  return [...own, ...others];
}
