import type { FindOwnLimits } from '../core/limits.ts';
import type { KeyStore } from '../store/key-store.ts';
import type { OrganizationStore } from '../store/organization-store.ts';

/** Reads them from the store, each time. */
export function createFindOwnLimits({
  keys,
  organizations,
}: {
  readonly keys: Pick<KeyStore, 'find'>;
  readonly organizations: Pick<OrganizationStore, 'find'>;
}): FindOwnLimits {
  return async ({ apiKeyId, organizationId }) => {
    const [key, organization] = await Promise.all([keys.find(apiKeyId), organizations.find(organizationId)]);
    return { ofKey: key?.limits ?? {}, ofOrganization: organization?.limits ?? {} };
  };
}
