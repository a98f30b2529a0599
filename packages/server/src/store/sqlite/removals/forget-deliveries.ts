import type { DatabaseSync } from 'node:sqlite';
import type { RemovalStore } from '../../removal-store.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';

/** A walk of the primary key, which grows in the order in which deliveries are created. */
export function prepareForgetDeliveries(
  db: DatabaseSync,
): (query: Parameters<RemovalStore['forgetDeliveries']>[0]) => Awaited<ReturnType<RemovalStore['forgetDeliveries']>> {
  const select = prepareQuery<{ readonly number: number; readonly created_at: number; readonly status: string }>(
    db,
    'SELECT number, created_at, status FROM webhook_deliveries WHERE number > ? ORDER BY number LIMIT ?',
  );
  const remove = prepareCommand(db, 'DELETE FROM webhook_deliveries WHERE number = ?');
  return ({ createdUntil, after, limit }) => {
    const rows = select.all(after, limit);
    const old = rows.filter(({ created_at: createdAt }) => createdAt <= createdUntil);
    const ended = old.filter(({ status }) => status !== 'pending');
    for (const { number } of ended) remove.run(number);
    return { removed: ended.length, next: old.length < limit ? undefined : old.at(-1)?.number };
  };
}
