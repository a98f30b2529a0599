import type { RemovalStore } from '../../removal-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** A walk of the primary key, which grows in the order in which deliveries are created. */
export const selectFirstDeliveries = toStatement<{
  readonly number: number;
  readonly created_at: number;
  readonly status: string;
}>('SELECT number, created_at, status FROM webhook_deliveries WHERE number > $1 ORDER BY number LIMIT $2');
export const removeDeliveries = toStatement(
  `DELETE FROM webhook_deliveries WHERE number = ANY ($1::bigint[]) AND status <> 'pending'`,
);

export async function forgetDeliveries(
  session: Session,
  { createdUntil, after, limit }: Parameters<RemovalStore['forgetDeliveries']>[0],
): Promise<Awaited<ReturnType<RemovalStore['forgetDeliveries']>>> {
  const rows = await session.all(selectFirstDeliveries, after, limit);
  const old = rows.filter(({ created_at: createdAt }) => createdAt <= createdUntil);
  const ended = old.filter(({ status }) => status !== 'pending').map(({ number }) => number);
  const removed = ended.length === 0 ? 0 : await session.run(removeDeliveries, ended);
  return { removed, next: old.length < limit ? undefined : old.at(-1)?.number };
}
