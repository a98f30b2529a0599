import type { RequestStatus } from '@darkroom/protocol';
import { isEnded } from '../../../core/lifecycle.ts';
import {
  firstPlace,
  isEndedRow,
  isNeeded,
  type MetRow,
  mergeWalks,
  toNames,
  toNextPlace,
} from '../../decisions/removals.ts';
import type { Pruned, PruneQuery, RemovalStore } from '../../removal-store.ts';
import { advisoryLocks, tryLockAdvisory } from '../database/advisory-locks.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockLanesOfRequests } from '../requests/lock-requests.ts';
import { type OwnedMedia, readMedia, removePictures, removeRequests } from './remove-requests.ts';

/** A walk of `requests_ended` from where the last one ended. */
export const selectEnded = toStatement<MetRow>(
  `SELECT id, updated_at AS at FROM requests
   WHERE ${isEndedRow} AND organization_id = $1 AND status = $2 AND is_bare = $3 AND updated_at <= $4
     AND (updated_at, id) > ($5, $6)
   ORDER BY updated_at, id LIMIT $7`,
);

/** A walk of `requests_expiring`. */
export const selectExpired = toStatement<MetRow>(
  `SELECT id, updated_at + retain_ms AS at FROM requests
   WHERE retain_ms IS NOT NULL AND ${isEndedRow} AND updated_at + retain_ms BETWEEN $1 AND $2
     AND (updated_at + retain_ms, id) > ($1, $3)
   ORDER BY updated_at + retain_ms, id LIMIT $4`,
);

/**
 * Differs from the twin because processes prune at the same time: of those that want the same organization, one has the advisory
 * lock and the others go on to the next. The lanes are locked before the rows are read again, as for every write to requests: a
 * submit that refers to a picture of theirs has been committed by then, or comes after the removal.
 */
export async function prune(session: Session, query: PruneQuery): Promise<Pruned> {
  const { organizationId, status, what, endedUntil, after = firstPlace, limit } = query;
  if (!(await tryLockAdvisory(session, advisoryLocks.prune, organizationId))) return { ids: [], next: undefined };
  const walk = (isBare: boolean) =>
    session.all(selectEnded, organizationId, status, isBare, endedUntil, after.at, after.id, limit);
  const found = await Promise.all(what === 'pictures' ? [walk(false)] : [walk(false), walk(true)]);
  const rows = mergeWalks(found, limit);
  const media = await lockMedia(session, rows);
  if (what === 'pictures') await removePictures(session, media, query.now);
  else await removeRequests(session, media, query);
  return { ids: media.map(({ id }) => id), next: toNextPlace(rows, limit) };
}

export async function pruneExpired(
  session: Session,
  { now, after = firstPlace, limit, tombstoneMs }: Parameters<RemovalStore['pruneExpired']>[0],
): Promise<Pruned> {
  if (!(await tryLockAdvisory(session, advisoryLocks.prune, ''))) return { ids: [], next: undefined };
  const rows = await session.all(selectExpired, after.at, now, after.id, limit);
  const media = await lockMedia(session, rows);
  await removeRequests(session, media, { now, tombstoneMs });
  return { ids: media.map(({ id }) => id), next: toNextPlace(rows, limit) };
}

export const lockUnneeded = toStatement<{ readonly id: string; readonly status: RequestStatus }>(
  `SELECT id, status FROM requests WHERE id = ANY ($1::text[]) AND NOT (${isNeeded}) ORDER BY id FOR UPDATE`,
);
export const selectRead = toStatement<{ readonly name: string }>(
  `SELECT picture_uses.name FROM picture_uses JOIN requests ON requests.id = picture_uses.request_id
   WHERE picture_uses.name = ANY ($1::text[]) AND requests.status IN ('queued', 'processing')`,
);

/** The media of those that nobody needs, whose rows stay as they are until the transaction ends. */
async function lockMedia(session: Session, rows: readonly MetRow[]): Promise<readonly OwnedMedia[]> {
  if (rows.length === 0) return [];
  await session.all(
    lockLanesOfRequests,
    rows.map(({ id }) => id),
  );
  const unneeded = await session.all(
    lockUnneeded,
    rows.map(({ id }) => id),
  );
  // A requeue may have come in between.
  const ids = unneeded.flatMap(({ id, status }) => (isEnded(status) ? [id] : []));
  if (ids.length === 0) return [];
  const media = await readMedia(session, ids);
  const names = media.flatMap(toNames);
  const read = new Set((names.length === 0 ? [] : await session.all(selectRead, names)).map(({ name }) => name));
  return media.filter((one) => !toNames(one).some((name) => read.has(name)));
}
