import { markName } from '../../copy/row-copier.ts';
import { UnfinishedCopyError } from '../../store-errors.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

const selectMark = toStatement<{ readonly value: string }>('SELECT value FROM secrets WHERE name = $1');

export async function readMark(session: Session): Promise<string | undefined> {
  return (await session.get(selectMark, markName))?.value;
}

/** Rejects with an `UnfinishedCopyError` when a copy into this database has not finished. */
export async function assertWhole(session: Session, database: string): Promise<void> {
  if ((await readMark(session)) !== undefined) throw new UnfinishedCopyError(database);
}
