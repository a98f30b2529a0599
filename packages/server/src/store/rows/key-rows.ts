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
}

export function toApiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    secretHash: row.secret_hash,
    isAdmin: Boolean(row.is_admin),
    requestsPerMinute: row.requests_per_minute ?? undefined,
    cancelWhenGone: Boolean(row.cancel_when_gone),
    // Written by `create`, hence arrays of strings.
    modelIds: row.model_ids === null ? undefined : JSON.parse(row.model_ids),
    organizationIds: JSON.parse(row.organization_ids),
    createdAt: row.created_at,
    revokedAt: row.revoked_at ?? undefined,
  };
}
