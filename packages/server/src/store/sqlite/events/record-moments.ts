import type { DatabaseSync } from 'node:sqlite';
import { countEnded } from '../../../core/ended-minutes.ts';
import { type Telling, toWebhookEvent } from '../../decisions/news.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareAddNews } from '../webhooks/outbox.ts';
import { prepareAddToMinute } from './minutes.ts';

export type RecordMoment = (telling: Telling) => void;

/**
 * Writes a moment, counts it when the request ends with it, and writes the news for webhooks when it gives the request a status.
 * Call it in the transaction of the change that it records. A moment takes 4 µs (the index by organization is 1.1 of them,
 * AUTOINCREMENT 0.9), the count of an end 2, the probe for webhooks 2; a RETURNING instead of the probe would take 4.
 */
export function prepareRecordMoment(db: DatabaseSync): RecordMoment {
  const insert = prepareCommand(
    db,
    `INSERT INTO events (request_id, organization_id, at, moment)
     SELECT id, organization_id, ?2, ?3 FROM requests WHERE id = ?1`,
  );
  const probe = prepareQuery<ProbeRow>(
    db,
    `SELECT last_insert_rowid() AS seq, organization_id, webhook IS NOT NULL AS has_webhook, EXISTS (
       SELECT 1 FROM webhook_endpoints WHERE webhook_endpoints.organization_id = requests.organization_id
     ) AS has_endpoints FROM requests WHERE id = ?`,
  );
  const addNews = prepareAddNews(db);
  const addToMinute = prepareAddToMinute(db);
  const tellWebhooks: RecordMoment = (telling) => {
    const { requestId, at } = telling;
    const event = toWebhookEvent(telling);
    const row = event && probe.get(requestId);
    if (!row || (row.has_webhook === 0 && row.has_endpoints === 0)) return;
    const { seq, organization_id: organizationId } = row;
    addNews({ requestId, organizationId, seq, at, event });
  };
  return (telling) => {
    const { requestId, at, moment } = telling;
    if (insert.run(requestId, at, JSON.stringify(moment)) === 0) {
      throw new Error(`There is no request ${requestId} for the moment ${moment.kind}.`);
    }
    // Before anything else is written: the probe reads which row was inserted last.
    tellWebhooks(telling);
    for (const ended of countEnded([telling])) addToMinute(ended);
  };
}

/** What a submit knows, so that nothing has to be looked up. */
interface NewTelling extends Telling {
  readonly organizationId: string;
  /** Does the request have a webhook, or its organization an endpoint? */
  readonly hasWebhooks: boolean;
}

/** The same for the first moment of a request, in the transaction that inserts it: one statement, with no look at the request. */
export function prepareRecordFirstMoment(db: DatabaseSync): (telling: NewTelling) => void {
  const insert = prepareCommand(db, 'INSERT INTO events (request_id, organization_id, at, moment) VALUES (?, ?, ?, ?)');
  const selectSeq = prepareQuery<{ readonly seq: number }>(db, 'SELECT last_insert_rowid() AS seq');
  const addNews = prepareAddNews(db);
  return (telling) => {
    const { requestId, organizationId, at, moment, hasWebhooks } = telling;
    insert.run(requestId, organizationId, at, JSON.stringify(moment));
    const event = hasWebhooks ? toWebhookEvent(telling) : undefined;
    if (event) addNews({ requestId, organizationId, seq: selectSeq.get()?.seq ?? 0, at, event });
  };
}

interface ProbeRow {
  readonly seq: number;
  readonly organization_id: string;
  readonly has_webhook: number;
  readonly has_endpoints: number;
}
