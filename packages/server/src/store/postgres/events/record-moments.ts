import { countEnded } from '../../../core/ended-minutes.ts';
import { type News, type Telling, toWebhookEvent } from '../../decisions/news.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { addNews } from '../webhooks/outbox.ts';

const lockCounter = toStatement('SELECT 1 FROM event_counter FOR UPDATE');

/**
 * From here on the transactions of all processes follow one another until each has committed, so what a transaction reads next is
 * current. For states that many transactions change and that few rows hold: those of upstreams.
 */
export async function lockTail(session: Session): Promise<void> {
  await session.run(lockCounter);
}

/**
 * Numbers the moments in order, and selects those that a webhook may ask for. The minutes are counted after the counter is
 * locked, which `counted` enforces: so writers never wait for each other on a row that all of them share. Each request is looked
 * up separately: on a new server without statistics, a join would read all requests.
 */
export const insertEvents = toStatement<ToldRow>(
  `WITH counter AS (
     UPDATE event_counter SET last_seq = last_seq + cardinality($1::text[]) RETURNING last_seq - cardinality($1::text[]) AS base
   ), told AS (
     INSERT INTO events (seq, request_id, organization_id, at, moment)
     SELECT counter.base + news.place, news.request_id,
       (SELECT organization_id FROM requests WHERE id = news.request_id), news.at, news.moment
     FROM counter CROSS JOIN unnest($1::text[], $2::bigint[], $3::text[])
       WITH ORDINALITY AS news (request_id, at, moment, place)
     RETURNING seq, request_id
   ), counted AS (
     INSERT INTO minutes (at, success, failed, cancelled)
     SELECT * FROM unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) WHERE EXISTS (SELECT 1 FROM counter)
     ON CONFLICT (at) DO UPDATE SET success = minutes.success + excluded.success, failed = minutes.failed + excluded.failed,
       cancelled = minutes.cancelled + excluded.cancelled
   )
   SELECT seq - (SELECT base FROM counter) - 1 AS place, seq, organization_id
   FROM told CROSS JOIN LATERAL (SELECT organization_id, webhook FROM requests WHERE id = told.request_id LIMIT 1) AS requests
   WHERE webhook IS NOT NULL
     OR (SELECT 1 FROM webhook_endpoints WHERE webhook_endpoints.organization_id = requests.organization_id LIMIT 1) IS NOT NULL`,
);

interface ToldRow {
  /** In the order of the moments, from 0. */
  readonly place: number;
  readonly seq: number;
  readonly organization_id: string;
}

/**
 * Writes moments, counts those with which requests end, and writes the news for webhooks of those that give a status. It must be
 * the last write of a transaction, since it takes the event counter (migration 005). Rejects a moment of a request that does not
 * exist.
 */
export async function recordMoments(session: Session, tellings: readonly Telling[]): Promise<void> {
  if (tellings.length === 0) return;
  const ended = countEnded(tellings);
  const rows = await session.all(
    insertEvents,
    tellings.map(({ requestId }) => requestId),
    tellings.map(({ at }) => at),
    tellings.map(({ moment }) => JSON.stringify(moment)),
    ended.map(({ at }) => at),
    ended.map(({ success }) => success),
    ended.map(({ failed }) => failed),
    ended.map(({ cancelled }) => cancelled),
  );
  const news = rows.flatMap((row) => toNewsOf(row, tellings[row.place]) ?? []);
  if (news.length > 0) await addNews(session, news);
}

function toNewsOf({ seq, organization_id: organizationId }: ToldRow, telling: Telling | undefined): News | undefined {
  const event = telling && toWebhookEvent(telling);
  return event && { requestId: telling.requestId, organizationId, seq, at: telling.at, event };
}
