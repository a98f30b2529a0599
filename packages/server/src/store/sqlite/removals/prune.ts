import type { DatabaseSync } from 'node:sqlite';
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
import { prepareQuery } from '../database/statement.ts';
import { prepareReadMedia, prepareRemovePictures, prepareRemoveRequest } from './remove-requests.ts';

/**
 * A walk of `requests_ended` from where the last one ended, so that requests which are still needed are passed over once a sweep.
 *
 *     SEARCH requests USING INDEX requests_ended (organization_id=? AND status=? AND is_bare=? AND (updated_at,id)>(?,?))
 */
export function preparePrune(db: DatabaseSync): (query: PruneQuery) => Pruned {
  const select = prepareQuery<MetRow>(
    db,
    `SELECT id, updated_at AS at FROM requests
     WHERE ${isEndedRow} AND organization_id = ? AND status = ? AND is_bare = ? AND updated_at <= ?
       AND (updated_at, id) > (?, ?)
     ORDER BY updated_at, id LIMIT ?`,
  );
  const isStillNeeded = prepareIsNeeded(db);
  const removeRequest = prepareRemoveRequest(db);
  const removePictures = prepareRemovePictures(db);
  return (query) => {
    const { organizationId, status, what, endedUntil, after = firstPlace, limit } = query;
    const walk = (isBare: 0 | 1) => select.all(organizationId, status, isBare, endedUntil, after.at, after.id, limit);
    const rows = mergeWalks(what === 'pictures' ? [walk(0)] : [walk(0), walk(1)], limit);
    const ids = rows.map(({ id }) => id).filter((id) => !isStillNeeded(id));
    for (const id of ids) {
      if (what === 'pictures') removePictures(id, query.now);
      else removeRequest(id, query);
    }
    return { ids, next: toNextPlace(rows, limit) };
  };
}

/** A walk of `requests_expiring`. */
export function preparePruneExpired(db: DatabaseSync): (query: Parameters<RemovalStore['pruneExpired']>[0]) => Pruned {
  const select = prepareQuery<MetRow>(
    db,
    `SELECT id, updated_at + retain_ms AS at FROM requests
     WHERE retain_ms IS NOT NULL AND ${isEndedRow} AND updated_at + retain_ms BETWEEN ?1 AND ?2
       AND (updated_at + retain_ms, id) > (?1, ?3)
     ORDER BY updated_at + retain_ms, id LIMIT ?4`,
  );
  const isStillNeeded = prepareIsNeeded(db);
  const removeRequest = prepareRemoveRequest(db);
  return ({ now, after = firstPlace, limit, tombstoneMs }) => {
    const rows = select.all(after.at, now, after.id, limit);
    const ids = rows.map(({ id }) => id).filter((id) => !isStillNeeded(id));
    for (const id of ids) removeRequest(id, { now, tombstoneMs });
    return { ids, next: toNextPlace(rows, limit) };
  };
}

function prepareIsNeeded(db: DatabaseSync): (id: string) => boolean {
  const select = prepareQuery<{ readonly is_needed: number }>(
    db,
    `SELECT ${isNeeded} AS is_needed FROM requests WHERE id = ?`,
  );
  const readMedia = prepareReadMedia(db);
  const selectReader = prepareQuery<{ readonly found: number }>(
    db,
    `SELECT 1 AS found FROM picture_uses JOIN requests ON requests.id = picture_uses.request_id
     WHERE picture_uses.name = ? AND requests.status IN ('queued', 'processing') LIMIT 1`,
  );
  return (id) =>
    select.get(id)?.is_needed === 1 || toNames(readMedia(id)).some((name) => selectReader.get(name) !== undefined);
}
