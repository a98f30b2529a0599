import { type OwnerRow, toOwner, type UploadRow } from '../../rows/upload-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { addBytes, removeLengths } from '../uploads/uploads.ts';
import { noteMedia } from './removed-media.ts';

interface Times {
  readonly now: number;
  readonly endsAt: number;
}

type GoneRow = OwnerRow & Pick<UploadRow, 'counted_bytes'> & { readonly name: string };

export const lockGoingUploads = toStatement<{ readonly name: string }>(
  'SELECT name FROM uploads WHERE name = ANY ($1::text[]) ORDER BY name FOR UPDATE',
);
export const removeUploadRows = toStatement<GoneRow>(
  'DELETE FROM uploads WHERE name = ANY ($1::text[]) RETURNING organization_id, api_key_id, counted_bytes, name',
);

/** Removes uploads, used or not. Resolves to the names of those that there were. */
export async function removeUploadsNow(
  session: Session,
  names: readonly string[],
  { now, endsAt }: Times,
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  await session.all(lockGoingUploads, names);
  const rows = await session.all(removeUploadRows, names);
  if (rows.length === 0) return [];
  await session.run(
    removeLengths,
    rows.map(({ name }) => name),
  );
  await addBytes(
    session,
    rows.map((row) => ({ owner: toOwner(row), bytes: -row.counted_bytes })),
  );
  await noteMedia(
    session,
    rows.map(({ name }) => ({ name, dueAt: now, endsAt })),
  );
  return rows.map(({ name }) => name);
}

export const selectUsed = toStatement<{ readonly name: string }>(
  'SELECT name FROM picture_uses WHERE name = ANY ($1::text[])',
);

/** Removes uploads that no request uses any more. A submit that uses one meanwhile holds its row. */
export async function removeUnusedUploads(
  session: Session,
  names: readonly string[],
  times: Times,
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  await session.all(lockGoingUploads, names);
  const used = new Set((await session.all(selectUsed, names)).map(({ name }) => name));
  return removeUploadsNow(
    session,
    names.filter((name) => !used.has(name)),
    times,
  );
}

export const selectUploads = toStatement<{ readonly name: string }>(
  'SELECT name FROM uploads WHERE organization_id = $1 LIMIT $2',
);
