import { z } from 'zod';
import { ordinaryScopes, type Scope, scopes } from './scopes.ts';

/** What a person who signs in may do in an organization. A released role is never renamed. */
export const roleKinds = {
  viewer: { scopes: ['read'], meaning: 'Sees everything of the organization and changes nothing.' },
  member: { scopes: ordinaryScopes, meaning: 'Makes, cancels and deletes pictures, and changes webhooks.' },
  admin: { scopes, meaning: 'Does all of that and acts for the operator, for all organizations.' },
} as const satisfies Record<string, { readonly scopes: readonly Scope[]; readonly meaning: string }>;

export type Role = keyof typeof roleKinds;

/** From the least to the most. */
export const roles = Object.keys(roleKinds) as [Role, ...Role[]]; // the table's own keys

export const roleSchema = z.enum(roles, { error: `must be one of ${roles.join(', ')}` });

export const personSchema = z
  .object({
    issuer: z.string().meta({ description: 'The provider that knows the person.' }),
    subject: z.string().meta({ description: 'The person’s id at the provider.' }),
    roles: z.record(z.string(), roleSchema).meta({ description: 'The role in each organization.' }),
  })
  .meta({ id: 'Person', description: 'Somebody who signs in through OpenID Connect.' });

export type PersonRecord = z.infer<typeof personSchema>;
