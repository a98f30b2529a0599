import type { RequestRow, WorkRow } from '../../rows/request-rows.ts';
import { requestColumns, requestTables, workColumns } from '../database/rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/*
 * The order of locks, the same for every transaction, so that transactions never wait for each other in a cycle:
 *   advisory locks of claims and of rescues, lanes, budgets, requests (each in order), the event counter, webhooks.
 * A transaction that changes the status or the cost of requests holds their lanes and their budgets, in which triggers count. The
 * locks are NO KEY UPDATE: checks of foreign keys do not wait for them.
 */

export const lockLanesOfRequests = toStatement<{ readonly has_budgets: boolean }>(
  `SELECT EXISTS (SELECT 1 FROM budgets) AS has_budgets FROM lanes
   WHERE (organization_id, model) IN (SELECT organization_id, model FROM requests WHERE id = ANY ($1::text[]))
   ORDER BY organization_id, model FOR NO KEY UPDATE OF lanes`,
);

const lockBudgetsOfRequests = toStatement(
  `SELECT 1 FROM budgets
   WHERE (scope = 'organization' AND id IN (SELECT organization_id FROM requests WHERE id = ANY ($1::text[])))
      OR (scope = 'key' AND id IN (SELECT api_key_id FROM requests WHERE id = ANY ($1::text[])))
   ORDER BY scope, id, period FOR NO KEY UPDATE OF budgets`,
);

export const lockRows = toStatement<RequestRow>(
  `SELECT ${requestColumns} FROM ${requestTables} WHERE requests.id = ANY ($1::text[])
   ORDER BY requests.id FOR NO KEY UPDATE OF requests`,
);

const lockWork = toStatement<WorkRow>(
  `SELECT ${workColumns} FROM ${requestTables} WHERE requests.id = ANY ($1::text[])
   ORDER BY requests.id FOR NO KEY UPDATE OF requests`,
);

/** The current rows of the requests, locked until the transaction ends, in the order of their ids. */
export async function lockRequests(session: Session, ids: readonly string[]): Promise<readonly RequestRow[]> {
  await lockLanesAndBudgets(session, ids);
  return session.all(lockRows, ids);
}

/** The same, with their orders. */
export async function lockRequestsAndWork(session: Session, ids: readonly string[]): Promise<readonly WorkRow[]> {
  await lockLanesAndBudgets(session, ids);
  return session.all(lockWork, ids);
}

async function lockLanesAndBudgets(session: Session, ids: readonly string[]): Promise<void> {
  const [lane] = await session.all(lockLanesOfRequests, ids);
  if (lane?.has_budgets) await session.run(lockBudgetsOfRequests, ids);
}

export const lockHeld = toStatement<{ readonly id: string; readonly lease_token: string | null }>(
  'SELECT id, lease_token FROM requests WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE',
);

/** The tokens of the requests that are held. No other transaction takes the leases away until this one ends. */
export async function lockLeases(
  session: Session,
  requestIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await session.all(lockHeld, requestIds);
  return new Map(rows.map(({ id, lease_token: token }) => [id, token]));
}
