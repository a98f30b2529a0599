import type { Session } from './session.ts';
import { toStatement } from './statement.ts';

/** What only one transaction of all processes does at a time. The first number is ours among other users of the database. */
const space = 1_684_107_883;

export const advisoryLocks = {
  /** Takes requests and grants calls: so that what a claim has read of its upstreams stays true until it commits. */
  claim: 1,
  /** Ends what nobody holds: rescues and deadlines. */
  rescue: 2,
  /** Writes deliveries, their lanes and their endpoints. Taken after the event counter by whoever needs both. */
  webhooks: 3,
  migration: 4,
  firstKey: 5,
} as const;

const lock = toStatement('SELECT pg_advisory_xact_lock($1::int, $2::int)');

/** Held until the transaction ends. Of the transaction, not of the session: it works behind a pooler as well. */
export async function lockAdvisory(session: Session, one: number): Promise<void> {
  await session.run(lock, space, one);
}
