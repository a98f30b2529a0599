import type { RequestStatus } from '@darkroom/protocol';
import { isEnded } from '../../../core/lifecycle.ts';
import { endedStatuses } from '../../../core/retention.ts';
import { hasCalls, isEndedRow, toTombstoneEnd } from '../../decisions/removals.ts';
import type { Removal, Removed, RemovedContent } from '../../removal-store.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { lockLanesOfRequests } from '../requests/lock-requests.ts';
import { readMedia, removeRequests } from './remove-requests.ts';
import { removeUploadsNow, selectUploads } from './remove-uploads.ts';
import { isRemoved } from './removed-media.ts';
import { findTombstone } from './tombstones.ts';

export const lockGoingRequest = toStatement<{ readonly status: RequestStatus; readonly has_calls: boolean }>(
  `SELECT status, ${hasCalls} AS has_calls FROM requests WHERE id = $1 AND organization_id = $2 FOR UPDATE`,
);

export async function remove(
  session: Session,
  { organizationId, id, ...times }: Removal & { readonly id: string },
): Promise<Removed> {
  await session.all(lockLanesOfRequests, [id]);
  const row = await session.get(lockGoingRequest, id, organizationId);
  if (row && (!isEnded(row.status) || row.has_calls)) return { kind: 'open' };
  const media = row ? await removeRequests(session, await readMedia(session, [id]), times) : [];
  const tombstone = await findTombstone(session, organizationId, id);
  return tombstone ? { kind: 'removed', tombstone, isNew: row !== undefined, media } : { kind: 'missing' };
}

const selectOwner = toStatement<{ readonly organization_id: string }>(
  'SELECT organization_id FROM uploads WHERE name = $1',
);

const lockUpload = toStatement('SELECT 1 FROM uploads WHERE name = $1 AND organization_id = $2 FOR UPDATE');

export async function hasUpload(
  session: Session,
  { organizationId, name }: { readonly organizationId: string; readonly name: string },
): Promise<boolean> {
  return (await session.get(lockUpload, name, organizationId)) !== undefined;
}

export async function removeUpload(
  session: Session,
  { organizationId, name, ...times }: Removal & { readonly name: string },
): Promise<boolean> {
  const row = await session.get(selectOwner, name);
  if (!row) return isRemoved(session, name);
  if (row.organization_id !== organizationId) return false;
  await removeUploadsNow(session, [name], { now: times.now, endsAt: toTombstoneEnd(times) });
  return true;
}

export const selectEndedOf = toStatement<{ readonly id: string }>(
  `SELECT id FROM requests WHERE ${isEndedRow} AND organization_id = $1 AND status = $2 AND is_bare = $3 AND NOT (${hasCalls})
   ORDER BY updated_at, id
   LIMIT $4`,
);

export async function removeOrganization(
  session: Session,
  { organizationId, limit, ...times }: Removal & { readonly limit: number },
): Promise<RemovedContent> {
  const found = await Promise.all(
    endedStatuses.flatMap((status) =>
      [false, true].map((isBare) => session.all(selectEndedOf, organizationId, status, isBare, limit)),
    ),
  );
  const ids = found
    .flat()
    .slice(0, limit)
    .map(({ id }) => id);
  await session.all(lockLanesOfRequests, ids);
  const media = await readMedia(session, ids);
  await removeRequests(session, media, times);
  const names = (await session.all(selectUploads, organizationId, limit)).map(({ name }) => name);
  const uploads = await removeUploadsNow(session, names, { now: times.now, endsAt: toTombstoneEnd(times) });
  return { requests: media.length, uploads: uploads.length };
}
