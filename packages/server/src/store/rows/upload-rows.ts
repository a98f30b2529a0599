import type { UploadOwner } from '../upload-store.ts';

/** A row of an upload whose time is not over. */
export interface UploadRow {
  readonly via: 'service' | 'bucket';
  readonly counted_bytes: number;
  readonly sha256: string | null;
  /** SQLite has no booleans: 0 or 1. */
  readonly is_used: boolean | number;
  readonly ends_at: number | null;
}

/** Whose upload it is. */
export interface OwnerRow {
  readonly organization_id: string;
  readonly api_key_id: string;
}

export function toOwner(row: OwnerRow): UploadOwner {
  return { organizationId: row.organization_id, apiKeyId: row.api_key_id };
}
