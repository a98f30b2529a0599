import { z } from 'zod';

/** What an API key may do. Each call needs one scope, and `meaning` says which calls. A released scope is never renamed. */
export const scopeKinds = {
  read: {
    meaning:
      'Read requests, pictures, conversations, events, usage, budgets and webhooks of its organizations: calls by GET and HEAD.',
  },
  submit: { meaning: 'Submit requests and upload pictures: calls by POST.' },
  manage: {
    meaning:
      'Cancel and delete, and change webhook endpoints and secrets: calls by PUT, PATCH and DELETE, and POST of a cancellation or of webhooks.',
  },
  admin: {
    meaning: 'Act for the operator, for all organizations: the calls of `/api/v1/admin`.',
  },
} as const satisfies Record<string, { readonly meaning: string }>;

export type Scope = keyof typeof scopeKinds;

export const scopes = Object.keys(scopeKinds) as [Scope, ...Scope[]]; // the table's own keys

/** What a key may do for whose creation nothing was said. */
export const ordinaryScopes: readonly Scope[] = ['read', 'submit', 'manage'];

export const scopeSchema = z.enum(scopes, { error: `must be one of ${scopes.join(', ')}` });
