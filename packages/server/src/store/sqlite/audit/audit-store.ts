import type { DatabaseSync } from 'node:sqlite';
import type { AuditStore } from '../../audit-store.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { prepareListAudit, prepareRecordDeeds } from './audit.ts';

/*
 * The audit log. The writes of the other folders note themselves in it, in their transactions.
 */

export function createAuditStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): AuditStore {
  const record = prepareRecordDeeds(db);
  const list = prepareListAudit(reads.db);
  return {
    record: (by, ...deeds) => commits.write(() => record(by, deeds)),
    list: async (query) => reads.read(() => list(query)),
  };
}
