import type { ApiKey, KeyWithOrganizations } from '../store/key-store.ts';

/** What a call needs to know of its key. */
export interface FoundKey extends Pick<KeyWithOrganizations, 'organizations'> {
  readonly key: Pick<
    ApiKey,
    | 'id'
    | 'name'
    | 'organizationIds'
    | 'scopes'
    | 'limits'
    | 'cancelWhenGone'
    | 'modelIds'
    | 'expiresAt'
    | 'lastUsedAt'
    | 'person'
  >;
}

export function isExpired({ expiresAt }: Pick<ApiKey, 'expiresAt'>, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

export function isSuspended({ organizations }: Pick<FoundKey, 'organizations'>, organizationId: string): boolean {
  return organizations.some(({ id, suspendedAt }) => id === organizationId && suspendedAt !== undefined);
}
