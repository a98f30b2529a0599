import type { DatabaseSync } from 'node:sqlite';
import type { RequestStatus } from '@darkroom/protocol';
import { isEnded } from '../../../core/lifecycle.ts';
import { endedStatuses } from '../../../core/retention.ts';
import { hasCalls, isEndedRow, toTombstoneEnd } from '../../decisions/removals.ts';
import type { Removal, Removed, RemovedContent } from '../../removal-store.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareRemoveRequest } from './remove-requests.ts';
import { prepareListUploads, prepareRemoveUploads } from './remove-uploads.ts';
import { prepareIsRemoved } from './removed-media.ts';
import { prepareFindTombstone } from './tombstones.ts';

export function prepareRemove(db: DatabaseSync): (removal: Removal & { readonly id: string }) => Removed {
  const select = prepareQuery<{ readonly status: RequestStatus; readonly has_calls: number }>(
    db,
    `SELECT status, ${hasCalls} AS has_calls FROM requests WHERE id = ? AND organization_id = ?`,
  );
  const removeRequest = prepareRemoveRequest(db);
  const findTombstone = prepareFindTombstone(db);
  return ({ organizationId, id, now, tombstoneMs }) => {
    const row = select.get(id, organizationId);
    if (row && (!isEnded(row.status) || row.has_calls === 1)) return { kind: 'open' };
    const media = row ? removeRequest(id, { now, tombstoneMs }) : [];
    const tombstone = findTombstone(organizationId, id);
    return tombstone ? { kind: 'removed', tombstone, isNew: row !== undefined, media } : { kind: 'missing' };
  };
}

export function prepareHasUpload(
  db: DatabaseSync,
): (upload: { readonly organizationId: string; readonly name: string }) => boolean {
  const select = prepareQuery(db, 'SELECT 1 FROM uploads WHERE name = ? AND organization_id = ?');
  return ({ organizationId, name }) => select.get(name, organizationId) !== undefined;
}

export function prepareRemoveUpload(db: DatabaseSync): (removal: Removal & { readonly name: string }) => boolean {
  const select = prepareQuery<{ readonly organization_id: string }>(
    db,
    'SELECT organization_id FROM uploads WHERE name = ?',
  );
  const removeUploads = prepareRemoveUploads(db);
  const isRemoved = prepareIsRemoved(db);
  return ({ organizationId, name, now, tombstoneMs }) => {
    const row = select.get(name);
    if (!row) return isRemoved(name);
    if (row.organization_id !== organizationId) return false;
    removeUploads.all([name], { now, endsAt: toTombstoneEnd({ now, tombstoneMs }) });
    return true;
  };
}

export function prepareRemoveOrganization(
  db: DatabaseSync,
): (removal: Removal & { readonly limit: number }) => { readonly ids: readonly string[] } & RemovedContent {
  const select = prepareQuery<{ readonly id: string }>(
    db,
    `SELECT id FROM requests WHERE ${isEndedRow} AND organization_id = ? AND status = ? AND is_bare = ? AND NOT (${hasCalls})
     ORDER BY updated_at, id
     LIMIT ?`,
  );
  const removeRequest = prepareRemoveRequest(db);
  const listUploads = prepareListUploads(db);
  const removeUploads = prepareRemoveUploads(db);
  return ({ organizationId, now, tombstoneMs, limit }) => {
    const found = endedStatuses.flatMap((status) =>
      [0, 1].flatMap((isBare) => select.all(organizationId, status, isBare, limit)),
    );
    const ids = found.slice(0, limit).map(({ id }) => id);
    for (const id of ids) removeRequest(id, { now, tombstoneMs });
    const endsAt = toTombstoneEnd({ now, tombstoneMs });
    const uploads = removeUploads.all(listUploads(organizationId, limit), { now, endsAt });
    return { ids, requests: ids.length, uploads: uploads.length };
  };
}
