import type { By, Deed } from '../../../core/audit.ts';
import type { AuditPage, AuditQuery } from '../../audit-store.ts';
import { type AuditRow, auditColumns, toAuditColumns, toAuditConditions, toAuditPage } from '../../rows/audit-rows.ts';
import type { Database } from '../database/database.ts';
import type { Session } from '../database/session.ts';
import { toPlaces, toStatement } from '../database/statement.ts';

const insertDeed = toStatement(`INSERT INTO audit (${auditColumns.join(', ')}) VALUES (${toPlaces(auditColumns)})`);

export async function recordDeeds(session: Session, by: By, deeds: readonly Deed[]): Promise<void> {
  for (const deed of deeds) await session.run(insertDeed, ...toAuditColumns(by, deed));
}

interface Noted<Result, Before> {
  /** Reads what the write is about to change, and locks it in the order in which the write does. */
  readonly before?: (session: Session) => Promise<Before | undefined>;
  readonly write: (session: Session) => Promise<Result>;
  readonly toDeeds: (result: Result, before: Before | undefined) => readonly Deed[];
}

/** Runs a write in a transaction and notes it there. Without a `By`, nothing is read before and nothing is noted. */
export function notedWrite<Result, Before>(
  db: Database,
  by: By | undefined,
  { before: read, write, toDeeds }: Noted<Result, Before>,
): Promise<Result> {
  return db.transaction(async (session) => {
    if (!by) return write(session);
    const before = await read?.(session);
    const result = await write(session);
    await recordDeeds(session, by, toDeeds(result, before));
    return result;
  });
}

/**
 *     Index Scan Backward using audit_by_time on audit
 *     Index Scan Backward using audit_by_actor on audit
 *       Index Cond: (actor_id = $1)
 */
export async function listAudit(session: Session, query: AuditQuery): Promise<AuditPage> {
  const conditions = toAuditConditions(query);
  let place = 0;
  const where = conditions.map(([condition]) => condition.replace(/\?/g, () => `$${++place}`)).join(' AND ') || 'true';
  const select = toStatement<AuditRow>(
    `SELECT seq, ${auditColumns.join(', ')} FROM audit WHERE ${where} ORDER BY at DESC, seq DESC LIMIT $${place + 1}`,
  );
  const values = conditions.flatMap(([, ...given]) => given);
  return toAuditPage(await session.all(select, ...values, query.limit + 1), query.limit);
}
