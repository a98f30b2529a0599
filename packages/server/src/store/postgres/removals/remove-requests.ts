import { type RequestMedia, toNames, toRequestMedia, toTombstoneEnd } from '../../decisions/removals.ts';
import type { Removal } from '../../removal-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { removeLengths } from '../uploads/uploads.ts';
import { removeUnusedUploads } from './remove-uploads.ts';
import { type MediaNote, noteMedia } from './removed-media.ts';

/** What ended requests have in the storage. Their transaction holds their lanes. */
export interface OwnedMedia extends RequestMedia {
  readonly id: string;
  readonly organizationId: string;
  /** When its idempotency key was used. */
  readonly keyUsedAt: number | undefined;
}

interface MediaRow {
  readonly id: string;
  readonly organization_id: string;
  readonly inline: string | null;
  readonly key_used_at: number | null;
}

export const selectInline = toStatement<MediaRow>(
  `SELECT requests.id, requests.organization_id, payloads.inline, (
     SELECT idempotency_keys.created_at FROM idempotency_keys
     WHERE idempotency_keys.created_at = requests.created_at AND idempotency_keys.request_id = requests.id LIMIT 1
   ) AS key_used_at
   FROM requests JOIN payloads ON payloads.request_id = requests.id WHERE requests.id = ANY ($1::text[])`,
);
export const selectAnswers = toStatement<{ readonly request_id: string; readonly answer: string }>(
  'SELECT request_id, answer FROM attempts WHERE request_id = ANY ($1::text[]) AND answer IS NOT NULL',
);

export async function readMedia(session: Session, ids: readonly string[]): Promise<readonly OwnedMedia[]> {
  const [rows, answers] = await Promise.all([session.all(selectInline, ids), session.all(selectAnswers, ids)]);
  const answersOf = Map.groupBy(answers, ({ request_id: id }) => id);
  return rows.map((row) => {
    const own = (answersOf.get(row.id) ?? []).map(({ answer }) => answer);
    const media = toRequestMedia(own, row.inline);
    return { ...media, id: row.id, organizationId: row.organization_id, keyUsedAt: row.key_used_at ?? undefined };
  });
}

export const selectUses = toStatement<{ readonly name: string; readonly request_id: string }>(
  'SELECT name, request_id FROM picture_uses WHERE request_id = ANY ($1::text[])',
);
export const insertTombstones = toStatement(
  `INSERT INTO tombstones (request_id, organization_id, api_key_id, model, wire, status, cost_micros, created_at, updated_at,
     removed_at, ends_at)
   SELECT id, organization_id, api_key_id, model, wire, status, cost_micros, created_at, updated_at, $3, left_behind.ends_at
   FROM unnest($1::text[], $2::bigint[]) AS left_behind (request_id, ends_at) JOIN requests ON requests.id = left_behind.request_id`,
);
export const removeRows = toStatement('DELETE FROM requests WHERE id = ANY ($1::text[])');

/**
 * Removes ended requests with everything that belongs to them; the foreign keys take the rows of other tables with them. Uploads go
 * when no other request uses them. Resolves to the names of everything whose bytes are to go.
 */
export async function removeRequests(
  session: Session,
  media: readonly OwnedMedia[],
  times: Pick<Removal, 'now' | 'tombstoneMs'>,
): Promise<readonly string[]> {
  if (media.length === 0) return [];
  const { now } = times;
  const ids = media.map(({ id }) => id);
  const ends = new Map(media.map(({ id, keyUsedAt }) => [id, toTombstoneEnd(times, keyUsedAt)]));
  const uses = await session.all(selectUses, ids);
  await session.run(
    insertTombstones,
    ids,
    ids.map((id) => ends.get(id) ?? now),
    now,
  );
  await session.run(removeRows, ids);
  await dropMedia(
    session,
    media.map((one) => ({ ...one, endsAt: ends.get(one.id) ?? now })),
    now,
  );
  const names = [...new Set(uses.map(({ name }) => name))];
  const uploads = await removeUnusedUploads(session, names, { now, endsAt: toTombstoneEnd(times) });
  return [...media.flatMap((one) => [...toNames(one), ...one.keys]), ...uploads];
}

export const removePictureRows = toStatement('DELETE FROM pictures WHERE request_id = ANY ($1::text[])');
export const markBare = toStatement('UPDATE requests SET is_bare = true WHERE id = ANY ($1::text[])');

/** Removes what ended requests have in the storage; their records stay. */
export async function removePictures(session: Session, media: readonly OwnedMedia[], now: number): Promise<void> {
  if (media.length === 0) return;
  const ids = media.map(({ id }) => id);
  await dropMedia(
    session,
    media.map((one) => ({ ...one, endsAt: null })),
    now,
  );
  await session.run(removePictureRows, ids);
  await session.run(markBare, ids);
}

export const removeHashes = toStatement(
  `DELETE FROM picture_hashes USING unnest($1::text[], $2::text[], $3::text[]) AS gone (organization_id, sha256, name)
   WHERE picture_hashes.organization_id = gone.organization_id AND picture_hashes.sha256 = gone.sha256
     AND picture_hashes.name = gone.name`,
);

type Dropped = OwnedMedia & Pick<MediaNote, 'endsAt'>;

async function dropMedia(session: Session, media: readonly Dropped[], now: number): Promise<void> {
  const made = media.flatMap(({ made: pictures, organizationId }) =>
    pictures.map(({ name, sha256 }) => ({ name, sha256, organizationId })),
  );
  const sent = media.flatMap((one) => one.sent);
  if (made.length > 0)
    await session.run(
      removeHashes,
      made.map(({ organizationId }) => organizationId),
      made.map(({ sha256 }) => sha256),
      made.map(({ name }) => name),
    );
  if (sent.length > 0) await session.run(removeLengths, sent);
  const notes = media.flatMap((one) => [
    ...toNames(one).map((name) => ({ name, dueAt: now, endsAt: one.endsAt })),
    ...one.keys.map((name) => ({ name, dueAt: now, endsAt: now })),
  ]);
  await noteMedia(session, notes);
}
