import type { Organization } from '../../../core/organization.ts';
import type { OrganizationWithKeys } from '../../decisions/deeds.ts';
import { isEmpty, type LeftOver, withoutOrganization } from '../../decisions/organizations.ts';
import type { ApiKey } from '../../key-store.ts';
import type {
  OrganizationChange,
  OrganizationStore,
  StoredBytes,
  StoredOrganization,
} from '../../organization-store.ts';
import {
  type OrganizationRow,
  organizationColumns,
  toLimitsText,
  toOrganization,
} from '../../rows/organization-rows.ts';
import { lockLanes } from '../claims/lock-lanes.ts';
import type { Session } from '../database/session.ts';
import { toPlaces, toStatement } from '../database/statement.ts';
import { forgetPerson, listKeys, revokeKey } from '../keys/keys.ts';

const columns = organizationColumns.join(', ');

const insertOrganization = toStatement(
  `INSERT INTO organizations (${columns}) VALUES (${toPlaces(organizationColumns)}) ON CONFLICT DO NOTHING`,
);

export async function createOrganization(session: Session, organization: Organization): Promise<boolean> {
  const { id, name, createdAt, suspendedAt } = organization;
  const limits = toLimitsText(organization);
  return (await session.run(insertOrganization, id, name, limits, createdAt, suspendedAt ?? null)) > 0;
}

const selectOrganization = toStatement<OrganizationRow>(`SELECT ${columns} FROM organizations WHERE id = $1`);

export async function findOrganization(session: Session, id: string): Promise<Organization | undefined> {
  const row = await session.get(selectOrganization, id);
  return row && toOrganization(row);
}

const selectAll = toStatement<OrganizationRow & { readonly bytes: number | null }>(
  `SELECT ${columns}, bytes FROM organizations
   LEFT JOIN stored_totals ON organization_id = id AND api_key_id = '' ORDER BY id`,
);

export async function readOrganizations(session: Session): Promise<readonly StoredOrganization[]> {
  return (await session.all(selectAll)).map((row) => ({ ...toOrganization(row), storedBytes: row.bytes ?? 0 }));
}

const selectForChange = toStatement<OrganizationRow>(
  `SELECT ${columns} FROM organizations WHERE id = $1 FOR NO KEY UPDATE`,
);
const updateOrganization = toStatement('UPDATE organizations SET name = $2, limits = $3 WHERE id = $1');

export async function lockOrganization(session: Session, id: string): Promise<Organization | undefined> {
  const row = await session.get(selectForChange, id);
  return row && toOrganization(row);
}

/** After its lanes, as in every transaction that locks both. */
export async function lockWithLanes(session: Session, id: string): Promise<Organization | undefined> {
  await lockLanes(session, [id]);
  return lockOrganization(session, id);
}

export async function lockWithKeys(session: Session, id: string): Promise<OrganizationWithKeys> {
  const organization = await lockWithLanes(session, id);
  return { organization, keys: await listKeysOf(session, id) };
}

async function listKeysOf(session: Session, id: string): Promise<readonly ApiKey[]> {
  return (await listKeys(session)).filter(({ organizationIds }) => organizationIds.includes(id));
}

export async function changeOrganization(
  session: Session,
  id: string,
  change: OrganizationChange,
): Promise<Organization | undefined> {
  const organization = await lockOrganization(session, id);
  if (!organization) return undefined;
  const changed = { ...organization, ...change };
  await session.run(updateOrganization, id, changed.name, toLimitsText(changed));
  return changed;
}

const updateSuspended = toStatement(
  'UPDATE organizations SET suspended_at = $2 WHERE id = $1 AND (suspended_at IS NULL) = ($2::bigint IS NOT NULL)',
);

/**
 * Suspends it, or resumes it when `suspendedAt` is `null`. A trigger carries it to the lanes (migration 017). They are locked
 * first, as in every transaction that locks them.
 */
export async function setSuspended(
  session: Session,
  id: string,
  suspendedAt: number | null,
): Promise<Organization | undefined> {
  await lockLanes(session, [id]);
  await session.run(updateSuspended, id, suspendedAt);
  return findOrganization(session, id);
}

const selectStored = toStatement<{ readonly api_key_id: string; readonly bytes: number }>(
  `SELECT api_key_id, bytes FROM stored_totals WHERE organization_id = $1 AND api_key_id IN ('', $2)`,
);

export async function readStored(
  session: Session,
  { organizationId, apiKeyId }: { readonly organizationId: string; readonly apiKeyId: string },
): Promise<StoredBytes> {
  const rows = await session.all(selectStored, organizationId, apiKeyId);
  const bytesOf = (id: string) => rows.find((row) => row.api_key_id === id)?.bytes ?? 0;
  return { ofKey: bytesOf(apiKeyId), ofOrganization: bytesOf('') };
}

const selectLeftOver = toStatement<LeftOver>(
  `SELECT
     (SELECT coalesce(sum(queued + processing + success + failed + cancelled), 0) FROM lanes WHERE organization_id = $1)::bigint
       AS requests,
     coalesce((SELECT bytes FROM stored_totals WHERE organization_id = $1 AND api_key_id = ''), 0) AS "storedBytes",
     coalesce((SELECT bytes FROM upload_totals WHERE scope = 'organization' AND id = $1), 0) AS "uploadedBytes"`,
);
const updateKey = toStatement('UPDATE api_keys SET organization_ids = $2 WHERE id = $1');

/** Tables with rows of an organization that go with it; its lanes are empty by then. */
const ownTables = ['webhook_endpoints', 'webhook_secrets', 'webhook_lanes', 'lanes', 'stored_totals'];
const removals = [
  ...ownTables.map((table) => toStatement(`DELETE FROM ${table} WHERE organization_id = $1`)),
  toStatement(`DELETE FROM budgets WHERE scope = 'organization' AND id = $1`),
  toStatement('DELETE FROM organizations WHERE id = $1'),
];

export async function removeEmpty(
  session: Session,
  id: string,
  now: number,
): Promise<Awaited<ReturnType<OrganizationStore['remove']>>> {
  const leftOver = (await lockWithLanes(session, id)) && (await session.get(selectLeftOver, id));
  if (!leftOver) return 'missing';
  if (!isEmpty(id, leftOver)) return 'not-empty';
  for (const key of await listKeysOf(session, id)) {
    const left = withoutOrganization(key, id);
    if (left === 'revoked') {
      await revokeKey(session, key.id, now);
      // Another sign-in may give the person another organization.
      await forgetPerson(session, key.id);
    } else await session.run(updateKey, key.id, JSON.stringify(left));
  }
  for (const removal of removals) await session.run(removal, id);
  return 'removed';
}
