import { describe, expect, it } from 'vitest';
import { type AccessRules, areEnough, type GroupRule, readGroups, toKnownPerson, toRoles } from './claims.ts';

const issuer = 'https://login.example';
const groups: readonly GroupRule[] = [
  { group: 'guests', organization: 'shop', role: 'viewer' },
  { group: 'painters', organization: 'acme', role: 'member' },
  { group: 'staff', organization: 'shop', role: 'member' },
  { group: 'operators', organization: 'default', role: 'admin' },
];
const rules: AccessRules = { groupsClaim: 'groups', groups, domains: [] };

describe('the roles of a person', () => {
  it.each([
    [[], {}],
    [['accounting', 'Painters'], {}],
    [['painters'], { acme: 'member' }],
    [['guests', 'painters'], { acme: 'member', shop: 'viewer' }],
    [['guests', 'staff'], { shop: 'member' }],
    [['painters', 'guests', 'operators'], { default: 'admin', acme: 'member', shop: 'viewer' }],
  ] as const)('in the groups %j are %j, the highest first', (given, roles) => {
    expect(Object.entries(toRoles(given, groups))).toEqual(Object.entries(roles));
  });

  it('may be given to everyone', () => {
    expect(toRoles([], [{ group: '*', organization: 'acme', role: 'viewer' }])).toEqual({ acme: 'viewer' });
  });
});

describe('the groups of a person', () => {
  it.each([
    [{ groups: ['a', 'b'] }, 'groups', ['a', 'b']],
    [{ groups: 'a' }, 'groups', ['a']],
    [{ 'https://acme.example/groups': ['a'] }, 'https://acme.example/groups', ['a']],
    [{ realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
    [{ groups: [1, null, { name: 'a' }] }, 'groups', []],
    [{ groups: { length: 1 } }, 'groups.length.0', []],
    [{}, 'constructor.name', []],
  ])('of %j are in the claim %s: %j', (claims, name, expected) => {
    expect(readGroups({ sub: 's', ...claims }, name)).toEqual(expected);
  });
});

describe('somebody whom the provider has signed in', () => {
  const know = (claims: object, changes: Partial<AccessRules> = {}) =>
    toKnownPerson({ sub: 's', groups: ['painters', 'guests'], ...claims }, { issuer, rules: { ...rules, ...changes } });

  it('is known by the issuer and the subject, and acts for the organization of the highest role', () => {
    expect(know({})).toEqual({
      person: { issuer, subject: 's', roles: { acme: 'member', shop: 'viewer' } },
      name: 's',
      organizationIds: ['acme', 'shop'],
    });
  });

  it.each([
    [{ email: 'a@acme.example', email_verified: true, name: 'Ada' }, 'a@acme.example'],
    [{ email: 'a@acme.example', name: 'Ada' }, 'Ada'],
    [{ email: 'a@acme.example', email_verified: 'true', preferred_username: 'ada', name: 'Ada' }, 'ada'],
    [{ name: ' ' }, 's'],
    [{ name: 'x'.repeat(200) }, 'x'.repeat(100)],
  ])('with %j is called %s', (claims, name) => {
    expect(know(claims).name).toBe(name);
  });

  it('is refused without a group that has a role', () => {
    expect(() => know({ groups: ['accounting'] })).toThrow(expect.objectContaining({ reason: 'group' }));
  });

  it.each([
    ['no address', {}],
    ['an address that is not verified', { email: 'a@acme.example' }],
    ['another domain', { email: 'a@evil.example', email_verified: true }],
    ['a domain that only begins or ends alike', { email: 'a@notacme.example', email_verified: true }],
    ['a second @', { email: 'a@acme.example@evil.example', email_verified: true }],
  ])('is refused with %s when only some domains may sign in', (_name, claims) => {
    const domains = ['acme.example'];
    expect(() => know(claims, { domains })).toThrow(expect.objectContaining({ reason: 'domain' }));
    expect(know({ email: 'a@ACME.example', email_verified: true }, { domains }).organizationIds).toEqual([
      'acme',
      'shop',
    ]);
  });

  it('is asked about again only when the ID token says too little', () => {
    expect(areEnough({ sub: 's' }, rules)).toBe(false);
    expect(areEnough({ sub: 's', groups: [] }, rules)).toBe(true);
    expect(areEnough({ sub: 's', groups: [] }, { ...rules, domains: ['acme.example'] })).toBe(false);
    expect(areEnough({ sub: 's' }, { ...rules, groups: [{ group: '*', organization: 'a', role: 'viewer' }] })).toBe(
      true,
    );
  });
});
