import type { AuditStore } from '../../audit-store.ts';
import type { Database } from '../database/database.ts';
import { listAudit, recordDeeds } from './audit.ts';

/*
 * The audit log. The writes of the other folders note themselves in it, in their transactions.
 */

export function createAuditStore(db: Database): AuditStore {
  return {
    record: (by, ...deeds) => db.transaction((session) => recordDeeds(session, by, deeds)),
    list: (query) => listAudit(db, query),
  };
}
