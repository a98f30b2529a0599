import { findExceeded, toTaken, toUsed } from '../../decisions/uploads.ts';
import { type OwnerRow, toOwner, type UploadRow } from '../../rows/upload-rows.ts';
import type {
  ExceededLimit,
  NewUpload,
  UploadContent,
  UploadLimits,
  UploadOwner,
  UploadStore,
} from '../../upload-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/**
 * Rows of uploads are locked in the order of their names, then totals in the order of theirs, so no two writers wait for each
 * other.
 */
const upsertTotals = toStatement<{
  readonly scope: 'key' | 'organization';
  readonly id: string;
  readonly bytes: number;
}>(
  `INSERT INTO upload_totals (scope, id, bytes)
   SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS change (scope, id, bytes) ORDER BY scope, id
   ON CONFLICT (scope, id) DO UPDATE SET bytes = upload_totals.bytes + excluded.bytes RETURNING scope, id, bytes`,
);

interface Change {
  readonly owner: UploadOwner;
  readonly bytes: number;
}

/** Adds to the bytes of keys and organizations; returns their new totals. */
export async function addBytes(session: Session, changes: readonly Change[]) {
  if (changes.length === 0) return [];
  const keys = sumBy(changes, ({ apiKeyId }) => apiKeyId);
  const organizations = sumBy(changes, ({ organizationId }) => organizationId);
  return session.all(
    upsertTotals,
    [...[...keys].map(() => 'key'), ...[...organizations].map(() => 'organization')],
    [...keys.keys(), ...organizations.keys()],
    [...keys.values(), ...organizations.values()],
  );
}

function sumBy(changes: readonly Change[], toId: (owner: UploadOwner) => string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { owner, bytes } of changes) sums.set(toId(owner), (sums.get(toId(owner)) ?? 0) + bytes);
  return sums;
}

const insertUpload = toStatement(
  'INSERT INTO uploads (name, organization_id, api_key_id, via, counted_bytes, ends_at) VALUES ($1, $2, $3, $4, $5, $6)',
);

export async function grant(
  session: Session,
  upload: NewUpload,
  limits: UploadLimits,
): Promise<ExceededLimit | undefined> {
  const { name, organizationId, apiKeyId, via, bytes, endsAt } = upload;
  const totals = await addBytes(session, [{ owner: upload, bytes }]);
  const has = (scope: 'key' | 'organization') => totals.find((total) => total.scope === scope)?.bytes ?? 0;
  const exceeded = findExceeded({ ofKey: has('key'), ofOrganization: has('organization') }, limits);
  if (exceeded) await addBytes(session, [{ owner: upload, bytes: -bytes }]);
  else await session.run(insertUpload, name, organizationId, apiKeyId, via, bytes, endsAt);
  return exceeded;
}

const selectOwner = toStatement<OwnerRow>(
  'SELECT organization_id, api_key_id FROM uploads WHERE name = $1 AND NOT is_ended',
);

export async function findOwner(session: Session, name: string): Promise<UploadOwner | undefined> {
  const row = await session.get(selectOwner, name);
  return row && toOwner(row);
}

const uploadColumns = 'organization_id, api_key_id, via, counted_bytes, sha256, is_used, ends_at';

const lockUpload = toStatement<OwnerRow & UploadRow>(
  `SELECT ${uploadColumns} FROM uploads WHERE name = $1 AND NOT is_ended FOR UPDATE`,
);
const updateTaken = toStatement('UPDATE uploads SET sha256 = $2, counted_bytes = $3, ends_at = $4 WHERE name = $1');

export async function takeUpload(
  session: Session,
  name: string,
  content: UploadContent,
): Promise<Awaited<ReturnType<UploadStore['take']>>> {
  const row = await session.get(lockUpload, name);
  const { answer, change } = toTaken(row, content);
  if (row && change) {
    await session.run(updateTaken, name, content.sha256, change.countedBytes, change.endsAt);
    await addBytes(session, [{ owner: toOwner(row), bytes: change.addedBytes }]);
  }
  return answer;
}

/** Locks the row, so that no other transaction ends the upload meanwhile. */
const insertLength = toStatement(
  `INSERT INTO sent_pictures (name, bytes, owner_id, owner_key_id)
   SELECT name, $2, organization_id, api_key_id FROM uploads WHERE name = $1 AND NOT is_ended AND sha256 IS NOT NULL FOR UPDATE
   ON CONFLICT DO NOTHING`,
);

export async function keepLength(session: Session, name: string, bytes: number): Promise<void> {
  await session.run(insertLength, name, bytes);
}

export const lockUploads = toStatement<OwnerRow & UploadRow & { readonly name: string }>(
  `SELECT name, ${uploadColumns} FROM uploads
   WHERE name = ANY ($1::text[]) AND NOT is_used AND NOT is_ended ORDER BY name FOR UPDATE`,
);
export const updateUsed = toStatement(
  `UPDATE uploads SET is_used = true, counted_bytes = used.counted_bytes, ends_at = used.ends_at
   FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS used (name, counted_bytes, ends_at)
   WHERE uploads.name = used.name`,
);

/** Call it in the transaction that keeps the requests. */
export async function useUploads(session: Session, names: readonly string[]): Promise<void> {
  const rows = names.length === 0 ? [] : await session.all(lockUploads, names);
  if (rows.length === 0) return;
  const changes = rows.map(toUsed);
  await session.run(
    updateUsed,
    rows.map(({ name }) => name),
    changes.map(({ countedBytes }) => countedBytes),
    changes.map(({ endsAt }) => endsAt),
  );
  const owned = rows.map((row, index) => ({ owner: toOwner(row), bytes: changes[index]?.addedBytes ?? 0 }));
  await addBytes(
    session,
    owned.filter(({ bytes }) => bytes !== 0),
  );
}

export const lockEnded = toStatement<{ readonly name: string }>(
  'SELECT name FROM uploads WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED',
);
export const markEnded = toStatement('UPDATE uploads SET is_ended = true, ends_at = $2 WHERE name = ANY ($1::text[])');

export const removeLengths = toStatement('DELETE FROM sent_pictures WHERE name = ANY ($1::text[])');

/**
 * Two statements, and a third. As one, the second part would read the whole table, since the planner cannot know how few rows the
 * first part finds.
 */
export async function claimEnded(
  session: Session,
  { now, limit, leaseMs }: Parameters<UploadStore['claimEnded']>[0],
): Promise<readonly string[]> {
  const names = (await session.all(lockEnded, now, limit)).map(({ name }) => name);
  if (names.length === 0) return names;
  await session.run(markEnded, names, now + leaseMs);
  await session.run(removeLengths, names);
  return names;
}

export const removeUploads = toStatement<OwnerRow & Pick<UploadRow, 'counted_bytes'>>(
  `DELETE FROM uploads WHERE name = ANY ($1::text[]) AND is_ended RETURNING organization_id, api_key_id, counted_bytes`,
);

export async function forgetUploads(session: Session, names: readonly string[]): Promise<void> {
  const rows = await session.all(removeUploads, names);
  await addBytes(
    session,
    rows.map((row) => ({ owner: toOwner(row), bytes: -row.counted_bytes })),
  );
}
