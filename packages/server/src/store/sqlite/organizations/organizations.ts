import type { DatabaseSync } from 'node:sqlite';
import type { Organization } from '../../../core/organization.ts';
import type { OrganizationWithKeys } from '../../decisions/deeds.ts';
import { isEmpty, type LeftOver, withoutOrganization } from '../../decisions/organizations.ts';
import type { ApiKey } from '../../key-store.ts';
import type { OrganizationStore, StoredBytes, StoredOrganization } from '../../organization-store.ts';
import {
  type OrganizationRow,
  organizationColumns,
  toLimitsText,
  toOrganization,
} from '../../rows/organization-rows.ts';
import { prepareCommand, prepareQuery, toPlaces } from '../database/statement.ts';
import { prepareForgetPerson, prepareListKeys, prepareRevokeKey } from '../keys/keys.ts';

export function prepareCreateOrganization(db: DatabaseSync): (organization: Organization) => boolean {
  const insert = prepareCommand(
    db,
    `INSERT INTO organizations (${organizationColumns.join(', ')}) VALUES (${toPlaces(organizationColumns)}) ON CONFLICT DO NOTHING`,
  );
  return (organization) => {
    const { id, name, createdAt, suspendedAt } = organization;
    return insert.run(id, name, toLimitsText(organization), createdAt, suspendedAt ?? null) > 0;
  };
}

export function prepareFindOrganization(db: DatabaseSync): (id: string) => Organization | undefined {
  const select = prepareQuery<OrganizationRow>(db, 'SELECT * FROM organizations WHERE id = ?');
  return (id) => {
    const row = select.get(id);
    return row && toOrganization(row);
  };
}

export function prepareReadOrganizations(db: DatabaseSync): () => readonly StoredOrganization[] {
  const select = prepareQuery<OrganizationRow & { readonly bytes: number | null }>(
    db,
    `SELECT organizations.*, bytes FROM organizations
     LEFT JOIN stored_totals ON organization_id = id AND api_key_id = '' ORDER BY id`,
  );
  return () => select.all().map((row) => ({ ...toOrganization(row), storedBytes: row.bytes ?? 0 }));
}

type Find = (id: string) => Organization | undefined;

export function prepareChangeOrganization(
  db: DatabaseSync,
  find: Find,
): (...given: Parameters<OrganizationStore['change']>) => Organization | undefined {
  const update = prepareCommand(db, 'UPDATE organizations SET name = ?, limits = ? WHERE id = ?');
  return (id, change) => {
    const organization = find(id);
    if (!organization) return undefined;
    const changed = { ...organization, ...change };
    update.run(changed.name, toLimitsText(changed), id);
    return changed;
  };
}

/** A trigger carries it to the lanes (migration 017). */
export function prepareSuspend(db: DatabaseSync, find: Find) {
  const suspend = prepareCommand(db, 'UPDATE organizations SET suspended_at = ? WHERE id = ? AND suspended_at IS NULL');
  const resume = prepareCommand(
    db,
    'UPDATE organizations SET suspended_at = NULL WHERE id = ? AND suspended_at IS NOT NULL',
  );
  return {
    suspend: (id: string, now: number) => {
      suspend.run(now, id);
      return find(id);
    },
    resume: (id: string) => {
      resume.run(id);
      return find(id);
    },
  };
}

export function prepareStored(
  db: DatabaseSync,
): (owner: { readonly organizationId: string; readonly apiKeyId: string }) => StoredBytes {
  const select = prepareQuery<{ readonly bytes: number }>(
    db,
    'SELECT bytes FROM stored_totals WHERE organization_id = ? AND api_key_id = ?',
  );
  return ({ organizationId, apiKeyId }) => ({
    ofKey: select.get(organizationId, apiKeyId)?.bytes ?? 0,
    ofOrganization: select.get(organizationId, '')?.bytes ?? 0,
  });
}

export function prepareReadWithKeys(db: DatabaseSync, find: Find): (id: string) => OrganizationWithKeys {
  const listKeysOf = prepareListKeysOf(db);
  return (id) => ({ organization: find(id), keys: listKeysOf(id) });
}

function prepareListKeysOf(db: DatabaseSync): (id: string) => readonly ApiKey[] {
  const listKeys = prepareListKeys(db);
  return (id) => listKeys().filter(({ organizationIds }) => organizationIds.includes(id));
}

/** Tables with rows of an organization that go with it; its lanes are empty by then. */
const ownTables = ['webhook_endpoints', 'webhook_secrets', 'webhook_lanes', 'lanes', 'stored_totals'];

export function prepareRemoveEmpty(
  db: DatabaseSync,
  find: Find,
): (id: string, now: number) => Awaited<ReturnType<OrganizationStore['remove']>> {
  const selectLeftOver = prepareQuery<LeftOver>(
    db,
    `SELECT
       (SELECT coalesce(sum(queued + processing + success + failed + cancelled), 0) FROM lanes WHERE organization_id = ?1)
         AS requests,
       coalesce((SELECT bytes FROM stored_totals WHERE organization_id = ?1 AND api_key_id = ''), 0) AS storedBytes,
       coalesce((SELECT bytes FROM upload_totals WHERE scope = 'organization' AND id = ?1), 0) AS uploadedBytes`,
  );
  const listKeysOf = prepareListKeysOf(db);
  const revokeKey = prepareRevokeKey(db);
  const forgetPerson = prepareForgetPerson(db);
  const updateKey = prepareCommand(db, 'UPDATE api_keys SET organization_ids = ? WHERE id = ?');
  const removals = [
    ...ownTables.map((table) => prepareCommand(db, `DELETE FROM ${table} WHERE organization_id = ?`)),
    prepareCommand(db, `DELETE FROM budgets WHERE scope = 'organization' AND id = ?`),
    prepareCommand(db, 'DELETE FROM organizations WHERE id = ?'),
  ];
  return (id, now) => {
    const leftOver = find(id) && selectLeftOver.get(id);
    if (!leftOver) return 'missing';
    if (!isEmpty(id, leftOver)) return 'not-empty';
    for (const key of listKeysOf(id)) {
      const left = withoutOrganization(key, id);
      if (left === 'revoked') {
        revokeKey(key.id, now);
        // Another sign-in may give the person another organization.
        forgetPerson(key.id);
      } else updateKey.run(JSON.stringify(left), key.id);
    }
    for (const removal of removals) removal.run(id);
    return 'removed';
  };
}
