import type { UploadRow } from '../rows/upload-rows.ts';
import type { ExceededLimit, UploadContent, UploadLimits, UploadStore } from '../upload-store.ts';

/** Which limit the totals, with the new upload, exceed. */
export function findExceeded(totals: UploadLimits, limits: UploadLimits): ExceededLimit | undefined {
  if (totals.ofKey > limits.ofKey) return 'key';
  return totals.ofOrganization > limits.ofOrganization ? 'organization' : undefined;
}

/** How an upload changes, and what its key and its organization have. */
export interface UploadChange {
  readonly countedBytes: number;
  /** `null`: it never ends. */
  readonly endsAt: number | null;
  /** May be negative. */
  readonly addedBytes: number;
}

/** The answer when bytes have arrived; with a `change` when they are the first. */
export interface Taken {
  readonly answer: Awaited<ReturnType<UploadStore['take']>>;
  readonly change?: UploadChange;
}

/** The bucket receives the bytes of its own uploads, so this service has no address for them. */
export function toTaken(row: UploadRow | undefined, { bytes, sha256, endsAt }: UploadContent): Taken {
  if (row?.via !== 'service') return { answer: 'missing' };
  if (row.sha256 !== null) return { answer: row.sha256 === sha256 ? 'taken' : 'conflict' };
  const countedBytes = row.is_used ? 0 : bytes;
  const change = { countedBytes, endsAt: row.is_used ? null : endsAt, addedBytes: countedBytes - row.counted_bytes };
  return { answer: 'taken', change };
}

/**
 * A request uses the upload: from then on it counts as nothing and never ends. An upload whose bytes have not arrived still
 * counts until they do, and may end. A bucket does not report what has arrived, so its uploads are assumed to be there.
 */
export function toUsed({ via, sha256, counted_bytes: countedBytes, ends_at: endsAt }: UploadRow): UploadChange {
  const hasCome = via === 'bucket' || sha256 !== null;
  return hasCome
    ? { countedBytes: 0, endsAt: null, addedBytes: -countedBytes }
    : { countedBytes, endsAt, addedBytes: 0 };
}
