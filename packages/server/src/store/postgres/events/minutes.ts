import { type EndedMinute, toMinute } from '../../../core/ended-minutes.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

const selectMinutes = toStatement<EndedMinute>(
  'SELECT at, success, failed, cancelled FROM minutes WHERE at >= $1 ORDER BY at',
);

/** They are written with the moments that they count (`record-moments.ts`). */
export function readMinutes(session: Session, since: number): Promise<readonly EndedMinute[]> {
  return session.all(selectMinutes, toMinute(since));
}
