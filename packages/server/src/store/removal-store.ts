import type { By } from '../core/audit.ts';
import type { ImageRequest } from '../core/image-request.ts';
import type { EndedStatus } from '../core/retention.ts';

/**
 * What goes from the store: ended requests whose time is over, and what somebody deletes. Every removal is one transaction, which
 * also notes the stored objects whose bytes are to go (`claimMedia`). A process that is killed at any time leaves these notes to
 * another one, so no row names bytes that were removed, and no bytes stay that no row names. Usage and budgets count what is
 * removed as before. No cost grows with the number of rows.
 */
export interface RemovalStore {
  /** Organizations that have or had requests, in the order of their ids. */
  listOrganizations(page: { readonly after?: string; readonly limit: number }): Promise<readonly string[]>;

  /**
   * Removes requests of one organization that ended with this status at `endedUntil` or before, the oldest first, or only their
   * pictures. Examines at most `limit` of them. Those that are still needed stay: `isNeeded` in `decisions/removals.ts` says which.
   * Another process that prunes the organization at the same time makes it examine none.
   */
  prune(query: PruneQuery): Promise<Pruned>;

  /** The same for requests of all organizations whose `retainMs` is over. */
  pruneExpired(query: Pick<PruneQuery, 'after' | 'limit' | 'now' | 'tombstoneMs'>): Promise<Pruned>;

  /**
   * Removes the organization's request at once, needed or not. `open`: it has not ended, or one of its calls is under way.
   * `removed` has what is left of it, also when it was removed before. `missing`: there is neither.
   */
  remove(removal: Removal & { readonly id: string }): Promise<Removed>;

  /**
   * Removes up to `limit` requests of the organization that have ended, and as many of its uploads. Resolves to how many it
   * removed: when both are 0, nothing is left but requests that are open or have a call under way.
   */
  removeOrganization(removal: Removal & { readonly limit: number }): Promise<RemovedContent>;

  /** Removes the organization's upload at once, used or not. Resolves to whether there was one, now or before. */
  removeUpload(removal: Removal & { readonly name: string }): Promise<boolean>;

  /** What is left of a removed request of the organization. */
  findTombstone(organizationId: string, id: string): Promise<Tombstone | undefined>;

  /** Was the picture of this name removed, so short a time ago that this is known? */
  isRemoved(name: string): Promise<boolean>;

  /**
   * Takes up to `limit` removed objects whose bytes are to go, for `leaseMs`: the names of pictures, and the keys of other objects,
   * which have a `/`. After removing the bytes the caller calls `forgetMedia`.
   */
  claimMedia(query: {
    readonly now: number;
    readonly limit: number;
    readonly leaseMs: number;
  }): Promise<readonly string[]>;

  /** The bytes of these objects are gone. */
  forgetMedia(names: readonly string[]): Promise<void>;

  /** Forgets up to `limit` tombstones, and as many names of removed pictures, whose time is over. Resolves to how many. */
  forgetRemoved(query: { readonly now: number; readonly limit: number }): Promise<number>;

  /**
   * Removes the deliveries of webhooks that were delivered or given up, and were created at `createdUntil` or before. Examines at
   * most `limit`, in the order in which they were created.
   */
  forgetDeliveries(query: {
    readonly createdUntil: number;
    readonly after: number;
    readonly limit: number;
  }): Promise<{ readonly removed: number; readonly next: number | undefined }>;
}

export interface PruneQuery {
  readonly organizationId: string;
  readonly status: EndedStatus;
  /** `pictures`: the record stays. */
  readonly what: 'requests' | 'pictures';
  readonly endedUntil: number;
  /** `next` of the call before. */
  readonly after?: PrunePlace;
  readonly limit: number;
  readonly now: number;
  /** How long it is known that something was removed. */
  readonly tombstoneMs: number;
}

export interface PrunePlace {
  readonly at: number;
  readonly id: string;
}

export interface Pruned {
  readonly ids: readonly string[];
  /** Where to go on; `undefined` when there are no more. */
  readonly next: PrunePlace | undefined;
}

/** What somebody deletes, and when. */
export interface Removal {
  readonly organizationId: string;
  readonly now: number;
  readonly tombstoneMs: number;
  /** `remove` and `removeUpload` note themselves in the audit log, in their transactions. */
  readonly by?: By | undefined;
}

export type Removed =
  | {
      readonly kind: 'removed';
      readonly tombstone: Tombstone;
      /** Did this call remove it? */
      readonly isNew: boolean;
      /** What this call has noted for `claimMedia`: the caller may remove the bytes at once, and call `forgetMedia`. */
      readonly media: readonly string[];
    }
  | { readonly kind: 'open' }
  | { readonly kind: 'missing' };

export interface RemovedContent {
  readonly requests: number;
  readonly uploads: number;
}

/** What is left of a removed request. */
export type Tombstone = Pick<
  ImageRequest,
  'id' | 'organizationId' | 'apiKeyId' | 'model' | 'wire' | 'costMicros' | 'createdAt' | 'updatedAt'
> & { readonly status: EndedStatus; readonly removedAt: number };
