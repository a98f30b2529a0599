import { ordinaryScopes, scopes } from '@darkroom/protocol';
import type { Person } from '../../core/person.ts';
import type { ApiKey } from '../key-store.ts';

/** A row of the keys as both stores read it. */
export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly secret_hash: string;
  /** SQLite has no booleans: 0 or 1. */
  readonly is_admin: boolean | number;
  readonly requests_per_minute: number | null;
  readonly cancel_when_gone: boolean | number;
  readonly model_ids: string | null;
  readonly organization_ids: string;
  readonly created_at: number;
  readonly revoked_at: number | null;
  readonly scopes: string | null;
  readonly limits: string | null;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly old_secret_hash: string | null;
  readonly old_secret_until: number | null;
  readonly person_issuer: string | null;
  readonly person_subject: string | null;
  readonly person_roles: string | null;
}

/** The columns that can change, in the order of `toKeyColumns`. */
export const changingKeyColumns = [
  'name',
  'is_admin',
  'requests_per_minute',
  'model_ids',
  'scopes',
  'limits',
  'expires_at',
] as const;

export function toKeyColumns(key: ApiKey): readonly [string, boolean, ...(string | number | null)[]] {
  const { requests_per_minute: requestsPerMinute, ...limits } = key.limits;
  return [
    key.name,
    key.scopes.includes('admin'),
    requestsPerMinute ?? null,
    key.modelIds ? JSON.stringify(key.modelIds) : null,
    JSON.stringify(key.scopes),
    Object.keys(limits).length > 0 ? JSON.stringify(limits) : null,
    key.expiresAt ?? null,
  ];
}

/** All columns, in the order of `toAllKeyColumns`. */
export const keyColumns = [
  ...changingKeyColumns,
  'id',
  'secret_hash',
  'cancel_when_gone',
  'organization_ids',
  'created_at',
  'revoked_at',
  'last_used_at',
  'old_secret_hash',
  'old_secret_until',
  'person_issuer',
  'person_subject',
  'person_roles',
] as const;

export function toAllKeyColumns(key: ApiKey): readonly (string | number | boolean | null)[] {
  return [
    ...toKeyColumns(key),
    key.id,
    key.secretHash,
    key.cancelWhenGone,
    JSON.stringify(key.organizationIds),
    key.createdAt,
    key.revokedAt ?? null,
    key.lastUsedAt ?? null,
    key.oldSecret?.hash ?? null,
    key.oldSecret?.until ?? null,
    key.person?.issuer ?? null,
    key.person?.subject ?? null,
    key.person ? JSON.stringify(key.person.roles) : null,
  ];
}

/** Keys of before migration 017 have no scopes: then `is_admin` says what they may do. */
export function toApiKey(row: KeyRow): ApiKey {
  const { requests_per_minute: requestsPerMinute, old_secret_hash: oldHash, old_secret_until: oldUntil } = row;
  return {
    id: row.id,
    name: row.name,
    secretHash: row.secret_hash,
    // Written by `create`, hence lists of strings, and limits by their names.
    scopes: row.scopes === null ? (row.is_admin ? scopes : ordinaryScopes) : JSON.parse(row.scopes),
    limits: {
      ...(row.limits === null ? {} : JSON.parse(row.limits)),
      ...(requestsPerMinute !== null && { requests_per_minute: requestsPerMinute }),
    },
    cancelWhenGone: Boolean(row.cancel_when_gone),
    modelIds: row.model_ids === null ? undefined : JSON.parse(row.model_ids),
    organizationIds: JSON.parse(row.organization_ids),
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    oldSecret: oldHash === null ? undefined : { hash: oldHash, until: oldUntil ?? 0 },
    person: toPerson(row),
  };
}

function toPerson({ person_issuer: issuer, person_subject: subject, person_roles: roles }: KeyRow): Person | undefined {
  if (issuer === null || subject === null) return undefined;
  // Written by `toAllKeyColumns`, hence roles by organization.
  return { issuer, subject, roles: JSON.parse(roles ?? '{}') };
}
