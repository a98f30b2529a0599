import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { By, Deed } from '../../../core/audit.ts';
import type { AuditPage, AuditQuery } from '../../audit-store.ts';
import { type AuditRow, auditColumns, toAuditColumns, toAuditConditions, toAuditPage } from '../../rows/audit-rows.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import { prepareCommand, prepareQuery, type Query, toPlaces } from '../database/statement.ts';

export function prepareRecordDeeds(db: DatabaseSync): (by: By, deeds: readonly Deed[]) => void {
  const insert = prepareCommand(
    db,
    `INSERT INTO audit (${auditColumns.join(', ')}) VALUES (${toPlaces(auditColumns)})`,
  );
  return (by, deeds) => {
    for (const deed of deeds) insert.run(...toAuditColumns(by, deed));
  };
}

interface Noted<Result, Before> {
  /** Reads what the write is about to change. */
  readonly before?: () => Before | undefined;
  readonly write: () => Result;
  readonly toDeeds: (result: Result, before: Before | undefined) => readonly Deed[];
}

/** Runs a write inside the open transaction and notes it there. Without a `By`, nothing is read before and nothing is noted. */
export function prepareNote(db: DatabaseSync) {
  const record = prepareRecordDeeds(db);
  return <Result, Before>(by: By | undefined, { before: read, write, toDeeds }: Noted<Result, Before>): Result => {
    if (!by) return write();
    const before = read?.();
    const result = write();
    record(by, toDeeds(result, before));
    return result;
  };
}

/** The same with the group commit. */
export function prepareNotedWrite(db: DatabaseSync, commits: GroupCommit) {
  const note = prepareNote(db);
  return <Result, Before>(by: By | undefined, noted: Noted<Result, Before>): Promise<Result> =>
    commits.write(() => note(by, noted));
}

/**
 *     SCAN audit USING INDEX audit_by_time
 *     SEARCH audit USING INDEX audit_by_actor (actor_id=? AND …)
 */
export function prepareListAudit(db: DatabaseSync): (query: AuditQuery) => AuditPage {
  const statements = new Map<string, Query<AuditRow>>();
  return (query) => {
    const conditions = toAuditConditions(query);
    const where = conditions.map(([condition]) => condition).join(' AND ') || 'true';
    const select =
      statements.get(where) ??
      prepareQuery<AuditRow>(db, `SELECT * FROM audit WHERE ${where} ORDER BY at DESC, seq DESC LIMIT ?`);
    statements.set(where, select);
    const values: SQLInputValue[] = conditions.flatMap(([, ...given]) => given);
    return toAuditPage(select.all(...values, query.limit + 1), query.limit);
  };
}
