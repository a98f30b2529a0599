import type { AuditAction } from '@darkroom/protocol';
import type { AuditEntry, By, Deed } from '../core/audit.ts';

/**
 * The audit log: who changed what. Most entries are noted by the write that they are about, in its transaction: the writes of the
 * other stores take a `By` for that, and `decisions/deeds.ts` says what each of them notes. Entries are never changed and never
 * removed; the database refuses it.
 */
export interface AuditStore {
  /** Adds entries about something that is no write of a store. Durable before it resolves. */
  record(by: By, ...deeds: readonly Deed[]): Promise<void>;
  /** Newest first. The cost does not grow with the number of entries that one of the filters leaves out. */
  list(query: AuditQuery): Promise<AuditPage>;
}

export interface AuditQuery {
  readonly actorId?: string | undefined;
  readonly action?: AuditAction | undefined;
  readonly target?: string | undefined;
  readonly organizationId?: string | undefined;
  /** At this time or later. */
  readonly from?: number | undefined;
  /** Before this time. */
  readonly before?: number | undefined;
  /** 1 or more. */
  readonly limit: number;
  /** Only entries that are older than the one at this place. */
  readonly cursor?: AuditPlace | undefined;
}

export interface AuditPlace {
  readonly at: number;
  readonly seq: number;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** The place of the last entry, when there are more. */
  readonly next: AuditPlace | undefined;
}
