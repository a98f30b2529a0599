import type { DatabaseSync } from 'node:sqlite';
import { lifecycle } from '../../../core/lifecycle.ts';
import { toMoment } from '../../../core/request-events.ts';
import { poisonedOutcome } from '../../damage/poisoned-outcome.ts';
import { toJson } from '../../rows/request-rows.ts';
import { prepareEndLeftovers } from '../calls/leftovers.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';

interface Poisoned {
  readonly now: number;
  /** Not to webhooks, which may be what is refused. */
  readonly isUntold: boolean;
}

/** Fails a request that its database refuses to read or to write: place and budget are free again. `false`: it is not open. */
export function prepareEndPoisoned(db: DatabaseSync): (id: string, poisoned: Poisoned) => boolean {
  const endLeftovers = prepareEndLeftovers(db);
  const record = prepareRecordMoment(db);
  const select = prepareQuery<{
    readonly status: string;
    readonly attempt: number;
    readonly lease_token: string | null;
  }>(db, `SELECT status, attempt, lease_token FROM requests WHERE id = ? AND status IN ('queued', 'processing')`);
  const update = prepareCommand(
    db,
    `UPDATE requests SET status = ?, ready = 0, retry_code = NULL, outcome = ?, lease_token = NULL, lease_expires_at = NULL,
       worker = NULL, updated_at = ? WHERE id = ?`,
  );
  return (id, { now, isUntold }) => {
    const row = select.get(id);
    if (!row) return false;
    const { attempt, lease_token: token } = row;
    if (token !== null) endLeftovers({ requestId: id, attempt, token }, { result: 'lost', now });
    const status = row.status === 'queued' ? lifecycle.queued.expire : lifecycle.processing.fail;
    update.run(status, toJson(poisonedOutcome), now, id);
    record({ requestId: id, at: now, moment: toMoment({ kind: 'fail', outcome: poisonedOutcome }), isUntold });
    return true;
  };
}
