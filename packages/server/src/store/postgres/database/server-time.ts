import type { Session } from './session.ts';
import { toStatement } from './statement.ts';

const selectTime = toStatement<{ readonly now: number }>(
  'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
);

/** The time by the clock of the database's machine, which all processes on it can ask. Milliseconds since 1970. */
export async function readServerTime(session: Session): Promise<number> {
  const row = await session.get(selectTime);
  if (!row) throw new Error('The database did not return the time.');
  return row.now;
}
