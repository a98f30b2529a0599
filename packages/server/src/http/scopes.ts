import type { Scope } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../core/problem.ts';

interface ScopeRule {
  /** `undefined`: every key may make these calls. */
  readonly scope: Scope | undefined;
  readonly methods?: readonly string[];
  /** Matches the address of a route. */
  readonly path?: RegExp;
}

/**
 * Which scope a call needs: the first line that fits it. The calls themselves, the OpenAPI document and the reference are made from
 * this table; `scopeKinds` of the protocol says the same to readers.
 */
const rules: readonly ScopeRule[] = [
  { scope: 'admin', path: /^\/api\/v1\/admin\// },
  // Each tool of MCP needs a scope of its own.
  { scope: undefined, path: /\/me$|^\/mcp\/?$/ },
  // A person may always leave; the console reads.
  { scope: undefined, path: /\/sign-in$/ },
  { scope: 'read', path: /\/sign-in\/key$/ },
  { scope: 'manage', methods: ['POST'], path: /[/:]cancel$|\/webhooks\// },
  { scope: 'read', methods: ['GET', 'HEAD'] },
  { scope: 'submit', methods: ['POST'] },
  { scope: 'manage' },
];

/** The scope that a call needs; `undefined`: none. */
export function toScope(method: string, path: string): Scope | undefined {
  return rules.find((rule) => (rule.methods?.includes(method) ?? true) && (rule.path?.test(path) ?? true))?.scope;
}

/** Every route registered on `app` from now on, after `addAuthentication`, needs its scope, or `admin`. */
export function requireScopes(app: FastifyInstance, isForAdmins: boolean | undefined): void {
  app.addHook('onRequest', ({ caller, method, routeOptions }, _reply, done) => {
    done(toRefusal(caller, isForAdmins ? 'admin' : toScope(method, routeOptions.url ?? '')));
  });
}

/** Throws the `Problem` of a caller that lacks the scope. */
export function assertScope(caller: Scoped, scope: Scope | undefined): void {
  const refusal = toRefusal(caller, scope);
  if (refusal) throw refusal;
}

interface Scoped {
  readonly scopes: readonly Scope[];
}

function toRefusal({ scopes }: Scoped, scope: Scope | undefined): Problem | undefined {
  if (scope === undefined || scopes.includes(scope)) return undefined;
  if (scope === 'admin')
    return new Problem('admin_required', 'This call is the operator’s: send it with an admin key.');
  return new Problem(
    'scope_required',
    `This call needs the scope ${scope}, and this API key has only ${scopes.join(', ')}.`,
  );
}
