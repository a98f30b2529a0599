import { type Role, roleKinds, roles, type Scope } from '@darkroom/protocol';

/** Somebody who signs in through a provider of OpenID Connect. */
export interface Person {
  /** The provider, and the person's id there. */
  readonly issuer: string;
  readonly subject: string;
  /** The role in each organization. */
  readonly roles: Readonly<Record<string, Role>>;
}

/** What the person may do in an organization. */
export function toScopes({ roles: given }: Person, organizationId: string): readonly Scope[] {
  const role = given[organizationId];
  return role === undefined ? [] : roleKinds[role].scopes;
}

export function isHigher(role: Role, other: Role): boolean {
  return roles.indexOf(role) > roles.indexOf(other);
}
