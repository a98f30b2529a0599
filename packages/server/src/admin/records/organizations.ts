import type { OrganizationRecord } from '@darkroom/protocol';
import { toSeconds, toSecondsOrNull } from '../../platform/unix-time.ts';
import type { StoredOrganization } from '../../store/organization-store.ts';

export function toOrganizationRecord(organization: StoredOrganization): OrganizationRecord {
  const { id, name, limits, createdAt, suspendedAt, storedBytes } = organization;
  return {
    id,
    name,
    created_at: toSeconds(createdAt),
    suspended_at: toSecondsOrNull(suspendedAt),
    limits,
    stored_bytes: storedBytes,
  };
}
