import { createDeliveryId } from '../../../platform/ids.ts';
import { type NewsStep, type SpreadQuery, type SpreadResult, toStepText } from '../../damage/isolate-news.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import {
  allAddresses,
  type News,
  type NewsRow,
  type ToldAddresses,
  toAddresses,
  toNews,
} from '../../decisions/news.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { refreshLanes } from './webhook-lanes.ts';

const insertNews = toStatement(
  `INSERT INTO webhook_news (seq, request_id, organization_id, at, event)
   SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[])`,
);

/** One row for each event, however many addresses want it: `spreadNews` finds them. */
export async function addNews(session: Session, news: readonly News[]): Promise<void> {
  await session.run(
    insertNews,
    news.map(({ seq }) => seq),
    news.map(({ requestId }) => requestId),
    news.map(({ organizationId }) => organizationId),
    news.map(({ at }) => at),
    news.map(({ event }) => event),
  );
}

/** How many news are read together. */
const newsBatch = 20;

interface SpreadRow extends NewsRow {
  /** NULL, like the two columns after it, when no endpoint is left to tell. */
  readonly id: string | null;
  readonly url: string;
  readonly events: string;
}

/** News with the endpoints that are still to be told, in order. */
const toSelect = (news: string) =>
  toStatement<SpreadRow>(
    `SELECT news.seq, request_id, news.organization_id, at, event, after_endpoint, endpoint.id, endpoint.url, endpoint.events,
     (SELECT webhook FROM requests WHERE requests.id = request_id) AS webhook
   FROM (${news}) AS news LEFT JOIN LATERAL (
     SELECT id, url, events FROM webhook_endpoints
     WHERE webhook_endpoints.organization_id = news.organization_id AND webhook_endpoints.id > news.after_endpoint
       AND told_after < news.seq
     ORDER BY id LIMIT $1
   ) AS endpoint ON true ORDER BY news.seq, endpoint.id LIMIT $1`,
  );

/**
 * The oldest news, without those of requests that are left out.
 *
 *     Index Scan using webhook_news_pkey on webhook_news
 *     Index Scan using webhook_endpoints_in_order on webhook_endpoints
 */
export const selectNews = toSelect(
  'SELECT * FROM webhook_news WHERE request_id <> ALL ($3::text[]) ORDER BY seq LIMIT $2',
);
const selectStep = toSelect('SELECT * FROM webhook_news WHERE seq = $2 AND after_endpoint = $3');
const removeNews = toStatement('DELETE FROM webhook_news WHERE seq = ANY ($1::bigint[])');
const putOffNews = toStatement('UPDATE webhook_news SET after_endpoint = $2 WHERE seq = $1');

/**
 * Turns the oldest news into deliveries: one for the request's own webhook and one for each endpoint that asks for it. Call it
 * while holding the lock of the webhooks.
 *
 * Differs from the twin because a few statements handle all of them.
 */
export async function spreadNews(
  session: Session,
  { limit, leftOut }: SpreadQuery,
  trace: Trace,
): Promise<SpreadResult> {
  const rows = await session.all(selectNews, limit, newsBatch, leftOut);
  for (const row of rows) trace.touch(toStepText(toStep(row)));
  const deliveries = rows.map((row, index) => toDeliveries(row, rows[index - 1], allAddresses));
  const told = rows.map((row, index) => ({ ...toStep(row), deliveries: deliveries[index]?.length ?? 0 }));
  return { told, hasMore: await tell(session, rows, { limit, deliveries: deliveries.flat() }) };
}

/** Takes the same lock as `spreadNews`. */
export async function endStep(
  session: Session,
  { seq, afterEndpoint }: NewsStep,
  told: ToldAddresses,
): Promise<boolean> {
  const rows = await session.all(selectStep, 1, seq, afterEndpoint);
  await tell(session, rows, { limit: 1, deliveries: rows.flatMap((row) => toDeliveries(row, undefined, told)) });
  return rows.length > 0;
}

/** Resolves to whether there may be more. */
async function tell(
  session: Session,
  rows: readonly SpreadRow[],
  { limit, deliveries }: { readonly limit: number; readonly deliveries: readonly Delivery[] },
): Promise<boolean> {
  if (rows.length === 0) return false;
  await addDeliveries(session, deliveries);
  const seqs = [...new Set(rows.map(({ seq }) => seq))];
  // The last news of a full result may have more endpoints than there was room for.
  const cut = rows.length === limit ? rows.at(-1) : undefined;
  const unfinished = cut && cut.id !== null ? cut : undefined;
  await session.run(
    removeNews,
    seqs.filter((seq) => seq !== unfinished?.seq),
  );
  if (unfinished) await session.run(putOffNews, unfinished.seq, unfinished.id);
  return cut !== undefined || seqs.length === newsBatch;
}

function toStep({ request_id: requestId, seq, after_endpoint: afterEndpoint }: SpreadRow): NewsStep {
  return { requestId, seq, afterEndpoint };
}

function toDeliveries(row: SpreadRow, before: SpreadRow | undefined, told: ToldAddresses): readonly Delivery[] {
  const { id, url, events } = row;
  const isFirst = row.after_endpoint === '' && before?.seq !== row.seq;
  const endpoints = id === null ? [] : [{ id, url, events }];
  const addresses = toAddresses(row, { isFirst, endpoints, told });
  return addresses.map((address) => ({ news: toNews(row), endpointId: address.id, url: address.url }));
}

/** Sorted, since `number` has to grow in the order of `seq`. Only the first delivery of a line is due. */
export const insertDeliveries = toStatement(
  `INSERT INTO webhook_deliveries (
     id, organization_id, request_id, endpoint_id, url, event, seq, status, tries, created_at, next_at, due_at
   )
   SELECT news.id, organization_id, request_id, endpoint_id, url, event, seq, 'pending', 0, at, at, CASE WHEN
     row_number() OVER (PARTITION BY request_id, endpoint_id ORDER BY place) = 1 AND NOT EXISTS (
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

/** Due at once, unless its line has earlier deliveries. */
async function addDeliveries(session: Session, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  await session.run(
    insertDeliveries,
    deliveries.map(() => createDeliveryId()),
    deliveries.map(({ news }) => news.organizationId),
    deliveries.map(({ news }) => news.requestId),
    deliveries.map(({ endpointId }) => endpointId),
    deliveries.map(({ url }) => url),
    deliveries.map(({ news }) => news.event),
    deliveries.map(({ news }) => news.seq),
    deliveries.map(({ news }) => news.at),
  );
  await refreshLanes(
    session,
    deliveries.map(({ news, endpointId }) => ({ organizationId: news.organizationId, endpointId })),
  );
}
