import type { DatabaseSync } from 'node:sqlite';
import { createDeliveryId } from '../../../platform/ids.ts';
import {
  type NewsStep,
  type SpreadQuery,
  type SpreadResult,
  type ToldNews,
  toStepText,
} from '../../damage/isolate-news.ts';
import type { Trace } from '../../damage/poisoned-rows.ts';
import {
  allAddresses,
  type News,
  type NewsRow,
  type ToldAddresses,
  toAddresses,
  toNews,
} from '../../decisions/news.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRefreshLane } from './webhook-lanes.ts';

/** One row for each event, however many addresses want it: `prepareSpreadNews` finds them. */
export function prepareAddNews(db: DatabaseSync): (news: News) => void {
  const insert = prepareCommand(
    db,
    'INSERT INTO webhook_news (seq, request_id, organization_id, at, event) VALUES (?, ?, ?, ?, ?)',
  );
  return ({ seq, requestId, organizationId, at, event }) => {
    insert.run(seq, requestId, organizationId, at, event);
  };
}

const newsColumns = `seq, request_id, organization_id, at, event, after_endpoint,
  (SELECT webhook FROM requests WHERE requests.id = request_id) AS webhook`;

/** Turns the oldest news into deliveries: one for the request's own webhook and one for each endpoint that asks for it. */
export function prepareSpreadNews(db: DatabaseSync): (query: SpreadQuery, trace: Trace) => SpreadResult {
  const selectFirst = prepareQuery<NewsRow>(
    db,
    `SELECT ${newsColumns} FROM webhook_news WHERE request_id NOT IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT 1`,
  );
  const tell = prepareTell(db);
  return ({ limit, leftOut }, trace) => {
    const told: ToldNews[] = [];
    for (let left = limit; left > 0; ) {
      const row = selectFirst.get(JSON.stringify(leftOut));
      if (!row) return { told, hasMore: false };
      const { request_id: requestId, seq, after_endpoint: afterEndpoint } = row;
      const step = { requestId, seq, afterEndpoint };
      trace.touch(toStepText(step));
      const { endpoints, deliveries } = tell(row, { limit: left, told: allAddresses });
      told.push({ ...step, deliveries });
      // News that no endpoint asks for cost something, too.
      left -= Math.max(1, endpoints);
    }
    return { told, hasMore: true };
  };
}

export function prepareEndStep(db: DatabaseSync): (step: NewsStep, told: ToldAddresses) => boolean {
  const select = prepareQuery<NewsRow>(
    db,
    `SELECT ${newsColumns} FROM webhook_news WHERE seq = ? AND after_endpoint = ?`,
  );
  const tell = prepareTell(db);
  return ({ seq, afterEndpoint }, told) => {
    const row = select.get(seq, afterEndpoint);
    if (row) tell(row, { limit: 1, told });
    return row !== undefined;
  };
}

interface TellOptions {
  /** How many endpoints may be read. */
  readonly limit: number;
  readonly told: ToldAddresses;
}

interface Told {
  /** How many endpoints were read. */
  readonly endpoints: number;
  readonly deliveries: number;
}

function prepareTell(db: DatabaseSync): (row: NewsRow, options: TellOptions) => Told {
  const selectEndpoints = prepareQuery<{ readonly id: string; readonly url: string; readonly events: string }>(
    db,
    `SELECT id, url, events FROM webhook_endpoints WHERE organization_id = ? AND id > ? AND told_after < ?
     ORDER BY id LIMIT ?`,
  );
  const remove = prepareCommand(db, 'DELETE FROM webhook_news WHERE seq = ?');
  const putOff = prepareCommand(db, 'UPDATE webhook_news SET after_endpoint = ? WHERE seq = ?');
  const addDelivery = prepareAddDelivery(db);
  return (row, { limit, told }) => {
    const endpoints = selectEndpoints.all(row.organization_id, row.after_endpoint, row.seq, limit);
    const news = toNews(row);
    const addresses = toAddresses(row, { isFirst: row.after_endpoint === '', endpoints, told });
    for (const { id, url } of addresses) addDelivery(news, id, url);
    if (endpoints.length < limit) remove.run(row.seq);
    else putOff.run(endpoints.at(-1)?.id ?? '', row.seq);
    return { endpoints: endpoints.length, deliveries: addresses.length };
  };
}

/** Due at once, unless its line has earlier deliveries. */
function prepareAddDelivery(db: DatabaseSync): (news: News, endpointId: string, url: string) => void {
  const insert = prepareCommand(
    db,
    `INSERT INTO webhook_deliveries (
       id, organization_id, request_id, endpoint_id, url, event, seq, status, tries, created_at, next_at, due_at
     ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pending', 0, ?8, ?8, CASE WHEN EXISTS (
       SELECT 1 FROM webhook_deliveries WHERE request_id = ?3 AND endpoint_id = ?4 AND status = 'pending'
     ) THEN NULL ELSE ?8 END)`,
  );
  const refreshLane = prepareRefreshLane(db);
  return ({ organizationId, requestId, event, seq, at }, endpointId, url) => {
    insert.run(createDeliveryId(), organizationId, requestId, endpointId, url, event, seq, at);
    refreshLane({ organizationId, endpointId });
  };
}
