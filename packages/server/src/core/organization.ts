import type { Limits } from './limits.ts';

/** The organization of keys that name none. It always exists and can be neither suspended nor removed. */
export const defaultOrganizationId = 'default';

/** An organization may have this many times what one of its keys may have: of uploads, streams and waits. */
export const organizationFactor = 5;

/** Whoever shares requests, pictures and money: every request belongs to one. */
export interface Organization {
  /** Names it in rows, keys and headers. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Those that it has of its own. */
  readonly limits: Limits;
  readonly createdAt: number;
  /** Since when its keys are refused and nothing of it is claimed. */
  readonly suspendedAt: number | undefined;
}
