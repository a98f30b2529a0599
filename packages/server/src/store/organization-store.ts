import type { By } from '../core/audit.ts';
import type { Organization } from '../core/organization.ts';

/**
 * Organizations. One has a row from when it was created, or from when the first key named it. Writes are durable before they
 * resolve. The default organization always exists. A write that is given a `By` is noted in the audit log, in its transaction.
 */
export interface OrganizationStore {
  /** Keeps an organization. Resolves to `false`, and keeps nothing, when the id exists. */
  create(organization: Organization, by?: By): Promise<boolean>;
  find(id: string): Promise<Organization | undefined>;
  /** All of them, in the order of their ids, each with the bytes of its stored pictures. */
  list(): Promise<readonly StoredOrganization[]>;
  /** Changes name and limits. Resolves to the organization as it is afterwards, or to `undefined` when there is none. */
  change(id: string, change: OrganizationChange, by?: By): Promise<Organization | undefined>;
  /**
   * Suspends it: from then on no claim takes any of its requests. Those under way run to their end. A second call changes nothing.
   * Resolves to the organization as it is afterwards, or to `undefined` when there is none.
   */
  suspend(id: string, now: number, by?: By): Promise<Organization | undefined>;
  /** Ends a suspension; its requests are claimed again, in their old order. Resolves as `suspend` does. */
  resume(id: string, by?: By): Promise<Organization | undefined>;
  /**
   * Removes an organization that has no requests and no stored pictures, with its webhook endpoints and budgets. Keys that belong to
   * no other are revoked; the others no longer belong to it. What it has used stays in the usage. When it is `not-empty`, nothing
   * changes.
   */
  remove(id: string, now: number, by?: By): Promise<'removed' | 'not-empty' | 'missing'>;
  /**
   * The bytes of the stored pictures of an organization, and those of them that came by the key: the sums are kept by the writes
   * that store and remove, so the cost does not grow with the pictures.
   */
  stored(owner: { readonly organizationId: string; readonly apiKeyId: string }): Promise<StoredBytes>;
}

export interface StoredOrganization extends Organization {
  readonly storedBytes: number;
}

export type OrganizationChange = Partial<Pick<Organization, 'name' | 'limits'>>;

export interface StoredBytes {
  readonly ofKey: number;
  readonly ofOrganization: number;
}
