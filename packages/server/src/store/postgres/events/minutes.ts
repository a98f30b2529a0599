import { type EndedMinute, toMinute } from '../../../core/ended-minutes.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

const selectMinutes = toStatement<EndedMinute>(
  'SELECT at, success, failed, cancelled FROM minutes WHERE at >= $1 ORDER BY at',
);

/** `record-moments.ts` writes them together with the moments that they count. */
export function readMinutes(session: Session, since: number): Promise<readonly EndedMinute[]> {
  return session.all(selectMinutes, toMinute(since));
}
