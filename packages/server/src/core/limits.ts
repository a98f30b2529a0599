import type { LimitName, ReachedLimit } from '@darkroom/protocol';

/** Limits that a key or an organization has of its own, by the names that callers know. A missing one is the service's. */
export type Limits = Readonly<Partial<Record<LimitName, number>>>;

/** The own limits of the key that makes a call, and of the organization that it acts for. */
export interface OwnLimits {
  readonly ofKey: Limits;
  readonly ofOrganization: Limits;
}

export const noLimits: OwnLimits = { ofKey: {}, ofOrganization: {} };

/** The own limits of an owner that is known by its ids alone, e.g. because the address of a call is its permission. */
export type FindOwnLimits = (owner: {
  readonly apiKeyId: string;
  readonly organizationId: string;
}) => Promise<OwnLimits>;

/** One side of a limit, key or organization, with its value. */
export type OneLimit = Pick<ReachedLimit, 'of' | 'value'>;

/** What the service allows a key, or an organization, that has no limit of its own. */
export interface DefaultLimit {
  readonly ofKey?: number | undefined;
  readonly ofOrganization?: number | undefined;
}

/** The values of a limit that hold for a caller: the key's, then the organization's. Those that there are not are left out. */
export function toLimits(name: LimitName, own: OwnLimits, defaults: DefaultLimit = {}): readonly OneLimit[] {
  const ofKey = own.ofKey[name] ?? defaults.ofKey;
  const ofOrganization = own.ofOrganization[name] ?? defaults.ofOrganization;
  return [
    ...(ofKey === undefined ? [] : [{ of: 'key', value: ofKey } as const]),
    ...(ofOrganization === undefined ? [] : [{ of: 'organization', value: ofOrganization } as const]),
  ];
}

type LimitChanges = Readonly<Partial<Record<LimitName, number | null | undefined>>>;

/** Changes some limits: `null` removes one, what is missing stays. */
export function changeLimits(limits: Limits, changes: LimitChanges): Limits {
  const all = Object.entries({ ...limits, ...changes }).filter(([, value]) => typeof value === 'number');
  // True because only numbers are left, by the names of limits.
  return Object.fromEntries(all) as Limits;
}

/** The subject of a sentence about a limit. */
export function toSubject({ of }: Pick<OneLimit, 'of'>): string {
  return of === 'key' ? 'This API key' : 'The organization';
}
