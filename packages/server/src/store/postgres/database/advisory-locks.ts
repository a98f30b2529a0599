import type { Session } from './session.ts';
import { toStatement } from './statement.ts';

/**
 * Work that only one transaction of all processes does at a time. The first number separates these locks from those of other
 * users of the database.
 */
const space = 1_684_107_883;

export const advisoryLocks = {
  /** For taking requests and granting calls: what a claim has read of its upstreams stays true until it commits. */
  claim: 1,
  /** For ending requests that are no longer held: rescues and deadlines. */
  rescue: 2,
  /** For writing deliveries, their lanes and their endpoints. A transaction that needs both takes it after the event counter. */
  webhooks: 3,
  migration: 4,
  firstKey: 5,
  /** For pruning an organization; `tryLockAdvisory`. */
  prune: 6,
} as const;

const lock = toStatement('SELECT pg_advisory_xact_lock($1::int, $2::int)');

const tryLock = toStatement<{ readonly is_held: boolean }>(
  'SELECT pg_try_advisory_xact_lock($1::int, hashtext($2)) AS is_held',
);

/** The lock of one of many; `false` when another transaction has it. Held until the transaction ends. */
export async function tryLockAdvisory(session: Session, one: number, name: string): Promise<boolean> {
  return (await session.get(tryLock, space + one, name))?.is_held === true;
}

/** Held until the transaction ends. The lock belongs to the transaction, not to the session, so it also works behind a pooler. */
export async function lockAdvisory(session: Session, one: number): Promise<void> {
  await session.run(lock, space, one);
}
