import type { Role } from '@darkroom/protocol';
import { isHigher, type Person } from '../core/person.ts';
import { SignInRefusal } from './sign-in-refusal.ts';

/** What a provider says of a person who has signed in there. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** Who may sign in, and as what. */
export interface AccessRules {
  /** The claim with the groups: its name, or its path with dots. */
  readonly groupsClaim: string;
  /** The first rule of the highest role gives the default organization. */
  readonly groups: readonly GroupRule[];
  /** The domains of which a verified e-mail address must be. Empty: any, and none is needed. */
  readonly domains: readonly string[];
}

export interface GroupRule {
  /** `*`: everyone whom the provider signs in. */
  readonly group: string;
  readonly organization: string;
  readonly role: Role;
}

export interface KnownPerson {
  readonly person: Person;
  /** For people. */
  readonly name: string;
  /** At least one; the first is the default. */
  readonly organizationIds: readonly [string, ...string[]];
}

/** Throws a `SignInRefusal` of somebody to whom no rule gives a role. */
export function toKnownPerson(claims: Claims, { issuer, rules }: { issuer: string; rules: AccessRules }): KnownPerson {
  if (rules.domains.length > 0 && !rules.domains.includes(toDomain(claims))) throw new SignInRefusal('domain');
  const roles = toRoles(readGroups(claims, rules.groupsClaim), rules.groups);
  const [first, ...others] = Object.keys(roles);
  if (first === undefined) throw new SignInRefusal('group');
  const person = { issuer, subject: claims.sub, roles };
  return { person, name: toName(claims), organizationIds: [first, ...others] };
}

/** Can the rules be applied to these claims alone? */
export function areEnough(claims: Claims, { groupsClaim, groups, domains }: AccessRules): boolean {
  const needsGroups = groups.some(({ group }) => group !== '*');
  return (
    (!needsGroups || readClaim(claims, groupsClaim) !== undefined) &&
    (domains.length === 0 || claims['email'] !== undefined)
  );
}

/** The highest role in each organization, the highest of all first. */
export function toRoles(groups: readonly string[], rules: readonly GroupRule[]): Readonly<Record<string, Role>> {
  const matching = rules.filter(({ group }) => group === '*' || groups.includes(group));
  const highestFirst = matching.toSorted((a, b) => Number(isHigher(b.role, a.role)) - Number(isHigher(a.role, b.role)));
  const roles = new Map<string, Role>();
  for (const { organization, role } of highestFirst) if (!roles.has(organization)) roles.set(organization, role);
  return Object.fromEntries(roles);
}

/** Some providers give a single group as a text. */
export function readGroups(claims: Claims, name: string): readonly string[] {
  return [readClaim(claims, name)].flat().filter((group) => typeof group === 'string');
}

/** Names may have dots in them, and claims may be in others: `realm_access.roles`. */
function readClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined,
      claims,
    );
}

/** An address that the provider has not verified may be anybody's. */
function readEmail({ email, email_verified: isVerified }: Claims): string | undefined {
  return typeof email === 'string' && isVerified === true ? email : undefined;
}

function toDomain(claims: Claims): string {
  return readEmail(claims)?.split('@').at(-1)?.toLowerCase() ?? '';
}

const maxNameLength = 100;

/** The name of a person: a verified address, or what the provider has. */
export function toName(claims: Claims): string {
  const names = [readEmail(claims), claims['preferred_username'], claims['name'], claims.sub];
  const name = names.find((one) => typeof one === 'string' && one.trim() !== '');
  return String(name).trim().slice(0, maxNameLength);
}
