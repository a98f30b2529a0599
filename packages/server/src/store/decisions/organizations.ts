import { defaultOrganizationId } from '../../core/organization.ts';
import type { ApiKey } from '../key-store.ts';

/** What is left of an organization. */
export interface LeftOver {
  readonly requests: number;
  readonly storedBytes: number;
  readonly uploadedBytes: number;
}

/** May the organization be removed? The default one stays. */
export function isEmpty(id: string, { requests, storedBytes, uploadedBytes }: LeftOver): boolean {
  return id !== defaultOrganizationId && requests === 0 && storedBytes === 0 && uploadedBytes === 0;
}

/** What becomes of a key when an organization is removed: without the organization, or revoked when it has no other. */
export function withoutOrganization(key: ApiKey, id: string): readonly string[] | 'revoked' {
  const others = key.organizationIds.filter((other) => other !== id);
  return others.length > 0 ? others : 'revoked';
}
