import type { Organization } from '../../core/organization.ts';
import type { OrganizationChange } from '../organization-store.ts';

/** A row of the organizations as both stores read it. */
export interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly limits: string | null;
  readonly created_at: number;
  readonly suspended_at: number | null;
}

export const organizationColumns = ['id', 'name', 'limits', 'created_at', 'suspended_at'] as const;

export function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    // Written by the store, hence limits by their names.
    limits: row.limits === null ? {} : JSON.parse(row.limits),
    createdAt: row.created_at,
    suspendedAt: row.suspended_at ?? undefined,
  };
}

export function toLimitsText({ limits = {} }: OrganizationChange): string | null {
  return Object.keys(limits).length > 0 ? JSON.stringify(limits) : null;
}
