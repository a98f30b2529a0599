import type { NewUpload, UploadContent, UploadLimits, UploadOwner, UploadStore } from '../../upload-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

/** Rows of uploads are locked by their names, then totals by theirs: so no two writers wait for each other. */
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

/** Adds to what keys and organizations have; what these then have. */
async function addBytes(session: Session, changes: readonly Change[]) {
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

export async function grant(session: Session, upload: NewUpload, limits: UploadLimits): Promise<boolean> {
  const { name, organizationId, apiKeyId, via, bytes, endsAt } = upload;
  const totals = await addBytes(session, [{ owner: upload, bytes }]);
  if (totals.some((total) => total.bytes > (total.scope === 'key' ? limits.ofKey : limits.ofOrganization))) {
    await addBytes(session, [{ owner: upload, bytes: -bytes }]);
    return false;
  }
  await session.run(insertUpload, name, organizationId, apiKeyId, via, bytes, endsAt);
  return true;
}

interface OwnedRow {
  readonly organization_id: string;
  readonly api_key_id: string;
  readonly counted_bytes: number;
}

function toOwner(row: OwnedRow): UploadOwner {
  return { organizationId: row.organization_id, apiKeyId: row.api_key_id };
}

const selectOwner = toStatement<OwnedRow>(
  'SELECT organization_id, api_key_id, counted_bytes FROM uploads WHERE name = $1 AND NOT is_ended',
);

export async function findOwner(session: Session, name: string): Promise<UploadOwner | undefined> {
  const row = await session.get(selectOwner, name);
  return row && toOwner(row);
}

const lockUpload = toStatement<OwnedRow & { readonly sha256: string | null; readonly is_used: boolean }>(
  `SELECT organization_id, api_key_id, counted_bytes, sha256, is_used FROM uploads
   WHERE name = $1 AND NOT is_ended AND via = 'service' FOR UPDATE`,
);
const updateTaken = toStatement('UPDATE uploads SET sha256 = $2, counted_bytes = $3, ends_at = $4 WHERE name = $1');

export async function takeUpload(
  session: Session,
  name: string,
  { bytes, sha256, endsAt }: UploadContent,
): Promise<Awaited<ReturnType<UploadStore['take']>>> {
  const row = await session.get(lockUpload, name);
  if (!row) return 'missing';
  if (row.sha256 !== null) return row.sha256 === sha256 ? 'taken' : 'conflict';
  const counted = row.is_used ? 0 : bytes;
  await session.run(updateTaken, name, sha256, counted, row.is_used ? null : endsAt);
  await addBytes(session, [{ owner: toOwner(row), bytes: counted - row.counted_bytes }]);
  return 'taken';
}

/** The row is locked, so that nobody ends it meanwhile. */
const insertLength = toStatement(
  `INSERT INTO sent_pictures (name, bytes)
   SELECT name, $2 FROM uploads WHERE name = $1 AND NOT is_ended AND sha256 IS NOT NULL FOR UPDATE
   ON CONFLICT DO NOTHING`,
);

export async function keepLength(session: Session, name: string, bytes: number): Promise<void> {
  await session.run(insertLength, name, bytes);
}

/** What it counted before. */
export const updateUsed = toStatement<OwnedRow>(
  `WITH found AS (
     SELECT name, organization_id, api_key_id, counted_bytes, via = 'bucket' OR sha256 IS NOT NULL AS has_come FROM uploads
     WHERE name = ANY ($1::text[]) AND NOT is_used AND NOT is_ended ORDER BY name FOR UPDATE
   ), used AS (
     UPDATE uploads SET is_used = true, counted_bytes = CASE WHEN has_come THEN 0 ELSE uploads.counted_bytes END,
       ends_at = CASE WHEN NOT has_come THEN ends_at END
     FROM found WHERE uploads.name = found.name
   )
   SELECT organization_id, api_key_id, counted_bytes FROM found WHERE has_come`,
);

/** To be called in the transaction that keeps the requests. What has not come yet is used when it comes. */
export async function useUploads(session: Session, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const rows = await session.all(updateUsed, names);
  if (rows.length > 0) await addBytes(session, rows.map(toRelease));
}

function toRelease(row: OwnedRow): Change {
  return { owner: toOwner(row), bytes: -row.counted_bytes };
}

export const lockEnded = toStatement<{ readonly name: string }>(
  'SELECT name FROM uploads WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED',
);
export const markEnded = toStatement('UPDATE uploads SET is_ended = true, ends_at = $2 WHERE name = ANY ($1::text[])');

export const removeLengths = toStatement('DELETE FROM sent_pictures WHERE name = ANY ($1::text[])');

/** In two statements, and a third: in one, the second would read the whole table, since nobody knows how few the first finds. */
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

export const removeUploads = toStatement<OwnedRow>(
  `DELETE FROM uploads WHERE name = ANY ($1::text[]) AND is_ended RETURNING organization_id, api_key_id, counted_bytes`,
);

export async function forgetUploads(session: Session, names: readonly string[]): Promise<void> {
  const rows = await session.all(removeUploads, names);
  if (rows.length > 0) await addBytes(session, rows.map(toRelease));
}
