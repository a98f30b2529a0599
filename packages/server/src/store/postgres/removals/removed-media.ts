import type { RemovalStore } from '../../removal-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

export interface MediaNote {
  readonly name: string;
  readonly dueAt: number;
  readonly endsAt: number | null;
}

const upsertNotes = toStatement(
  `INSERT INTO removed_media (name, due_at, ends_at)
   SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS note (name, due_at, ends_at) ORDER BY name
   ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at, ends_at = excluded.ends_at`,
);

/** Call it in the transaction that removes the rows which named the objects. */
export async function noteMedia(session: Session, notes: readonly MediaNote[]): Promise<void> {
  const own = [...new Map(notes.map((note) => [note.name, note])).values()];
  if (own.length === 0) return;
  await session.run(
    upsertNotes,
    own.map(({ name }) => name),
    own.map(({ dueAt }) => dueAt),
    own.map(({ endsAt }) => endsAt),
  );
}

export const selectRemoved = toStatement('SELECT 1 FROM removed_media WHERE name = $1');

export async function isRemoved(session: Session, name: string): Promise<boolean> {
  return (await session.get(selectRemoved, name)) !== undefined;
}

export const lockDue = toStatement<{ readonly name: string }>(
  'SELECT name FROM removed_media WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED',
);
export const leaseDue = toStatement('UPDATE removed_media SET due_at = $2 WHERE name = ANY ($1::text[])');

/** Two statements: as one, the second part would read the whole table, as in `claimEnded` of the uploads. */
export async function claimMedia(
  session: Session,
  { now, limit, leaseMs }: Parameters<RemovalStore['claimMedia']>[0],
): Promise<readonly string[]> {
  const names = (await session.all(lockDue, now, limit)).map(({ name }) => name);
  if (names.length > 0) await session.run(leaseDue, names, now + leaseMs);
  return names;
}

export const endDue = toStatement('UPDATE removed_media SET due_at = NULL WHERE name = ANY ($1::text[])');
export const removeObjectKeys = toStatement('DELETE FROM removed_media WHERE name = ANY ($1::text[])');

/** Keys that nobody asks for need not be known any longer. */
export async function forgetMedia(session: Session, names: readonly string[]): Promise<void> {
  await session.run(
    endDue,
    names.filter((name) => !name.includes('/')),
  );
  await session.run(
    removeObjectKeys,
    names.filter((name) => name.includes('/')),
  );
}

/** By `ctid`, as idempotency keys are forgotten. */
export const removeEndedNames = toStatement(
  `DELETE FROM removed_media WHERE ctid = ANY (ARRAY (
     SELECT ctid FROM removed_media WHERE due_at IS NULL AND ends_at <= $1 ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED
   ))`,
);
export const removeTombstones = toStatement(
  `DELETE FROM tombstones WHERE ctid = ANY (ARRAY (
     SELECT ctid FROM tombstones WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED
   ))`,
);

export async function forgetRemoved(
  session: Session,
  { now, limit }: Parameters<RemovalStore['forgetRemoved']>[0],
): Promise<number> {
  return (await session.run(removeEndedNames, now, limit)) + (await session.run(removeTombstones, now, limit));
}
