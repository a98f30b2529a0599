import { scopes as allScopes, type Scope } from '@darkroom/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashApiKey, isSameHash, parseApiKeyId } from '../core/api-keys.ts';
import type { Actor, By } from '../core/audit.ts';
import type { OwnLimits } from '../core/limits.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { toScopes } from '../core/person.ts';
import { Problem } from '../core/problem.ts';
import { isSessionToken } from '../core/session-token.ts';
import { parseTraceparent } from '../core/traceparent.ts';
import { type FoundKey, isExpired, isSuspended } from '../keys/found-key.ts';
import type { KeyUse } from '../keys/key-use.ts';
import type { FoundSession } from '../people/sessions.ts';
import type { Clock } from '../platform/clock.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';
import type { OrganizationStore } from '../store/organization-store.ts';
import { HttpProblem } from './http-problem.ts';
import { endedSession, findSession, type SessionAccess } from './sessions.ts';

/** The id of the key from the configuration, which no store holds. */
export const configuredKeyId = 'configured';

/** The key that makes a call, on behalf of one of its organizations. */
export interface Caller {
  readonly apiKeyId: string;
  /** Who the audit log says it was. */
  readonly actor: Actor;
  readonly organizationId: string;
  /** All organizations that the key may act for; the first is its default. */
  readonly organizationIds: readonly string[];
  /** What it may do. */
  readonly scopes: readonly Scope[];
  /** May it act for the operator of the service? */
  readonly isAdmin: boolean;
  /** The key's own limits, and its organization's. */
  readonly limits: OwnLimits;
  /** Are its requests cancelled while they are queued, when the client that waits for them goes away? */
  readonly cancelWhenGone: boolean;
  /** The public ids of the models that it may submit to; `undefined`: all. */
  readonly modelIds: readonly string[] | undefined;
  /** The session of a person who makes the call in the console. */
  readonly session: FoundSession['session'] | undefined;
  /** The trace that the call belongs to, as its header says; a header that is not one is left out. */
  readonly traceparent: string | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller. It is set on every route that is registered after `addAuthentication`. */
    caller: Caller;
  }
}

/** How a call brings its key. */
export interface KeyScheme {
  /** The key that the call brings, as text; `undefined` when it brings none. */
  read(request: FastifyRequest): string | undefined;
  /** What a caller without a key has to do; the end of a sentence. */
  readonly advice: string;
}

/** `Authorization: Bearer KEY`. */
export const bearerScheme: KeyScheme = {
  read: ({ headers }) => /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1],
  advice: 'send the header Authorization: Bearer YOUR_API_KEY',
};

export type Authenticate = (request: FastifyRequest, scheme: KeyScheme) => Promise<Caller>;

/** Every route registered on `app` from now on needs a key; nothing of a call's body is read before. */
export function addAuthentication(app: FastifyInstance, authenticate: Authenticate, scheme = bearerScheme): void {
  app.addHook('onRequest', async (request) => {
    request.caller = await authenticate(request, scheme);
  });
}

export interface AuthenticationOptions {
  readonly keys: Pick<KeyStore, 'findWithOrganizations'>;
  readonly organizations: Pick<OrganizationStore, 'find'>;
  /** Is told which keys are used. */
  readonly keyUse: KeyUse;
  /** An admin key of the default organization, in addition to the keys of the store. */
  readonly configuredKey: string | undefined;
  /** Of people in the console; left out: there are none. */
  readonly sessions?: SessionAccess;
  readonly clock: Clock;
}

/** Authentication by API keys, however a call brings its key, and by sessions, whose token comes where a key does. */
export function createAuthenticate(options: AuthenticationOptions): Authenticate {
  const { keyUse, sessions, clock } = options;
  const findThisTurn = shareTurn(createFindKey(options));

  return async (request, scheme) => {
    const text = scheme.read(request);
    if (text === undefined) throw unauthorized(`The API key is missing: ${scheme.advice}.`);
    const isSession = sessions !== undefined && isSessionToken(text);
    const found = isSession ? await findSession(request, text, sessions) : await findThisTurn(text);
    if (!found) throw unauthorized(isSession ? endedSession : 'The API key is wrong or revoked.');
    const { key } = found;
    const now = clock.now();
    if (isExpired(key, now)) throw unauthorized(isSession ? endedAccess : 'The API key has expired.');
    const organizationId = toOrganization(key.organizationIds, request.headers['x-organization-id']);
    if (isSuspended(found, organizationId)) throw createSuspended(organizationId);
    keyUse.note(key, now);
    const actor = toActor(key, request.ip);
    return {
      ...toCaller(found, organizationId),
      actor,
      traceparent: parseTraceparent(request.headers['traceparent']),
    };
  };
}

/** In the audit log, a person is known by the subject at the provider. */
export function toActor({ id, name, person }: FoundKey['key'], address: string): Actor {
  return person ? { kind: 'person', id: person.subject, name, address } : { kind: 'key', id, name, address };
}

const endedAccess = 'An operator has ended your access.';

function createFindKey({ keys, organizations, configuredKey, clock }: AuthenticationOptions) {
  const configuredHash = configuredKey === undefined ? undefined : hashApiKey(configuredKey);
  return async (text: string): Promise<FoundKey | undefined> => {
    const hash = hashApiKey(text);
    if (configuredHash !== undefined && isSameHash(hash, configuredHash)) {
      const organization = await organizations.find(defaultOrganizationId);
      return { key: configured, organizations: organization ? [organization] : [] };
    }
    const id = parseApiKeyId(text);
    const found = id === undefined ? undefined : await keys.findWithOrganizations(id);
    return found && found.key.revokedAt === undefined && hasText(found.key, hash, clock.now()) ? found : undefined;
  };
}

const configured: FoundKey['key'] = {
  id: configuredKeyId,
  name: 'DARKROOM_API_KEY',
  organizationIds: [defaultOrganizationId],
  scopes: allScopes,
  limits: {},
  cancelWhenGone: false,
  modelIds: undefined,
  expiresAt: undefined,
  lastUsedAt: undefined,
  person: undefined,
};

/** While a key is being rotated, two texts are valid. */
function hasText({ secretHash, oldSecret }: Pick<ApiKey, 'secretHash' | 'oldSecret'>, hash: string, now: number) {
  return (
    isSameHash(hash, secretHash) ||
    (oldSecret !== undefined && now < oldSecret.until && isSameHash(hash, oldSecret.hash))
  );
}

/**
 * A key is looked up once in each turn of the event loop: under load many calls come in one turn, and a revocation still counts
 * from the next turn on.
 */
function shareTurn<Found>(find: (text: string) => Promise<Found>): (text: string) => Promise<Found> {
  const known = new Map<string, Promise<Found>>();
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    if (known.size === 0) setImmediate(() => known.clear());
    const looked = find(text);
    known.set(text, looked);
    return looked;
  };
}

function toCaller(found: FoundKey | FoundSession, organizationId: string): Omit<Caller, 'actor' | 'traceparent'> {
  const { key, organizations } = found;
  const { id: apiKeyId, organizationIds, cancelWhenGone, modelIds } = key;
  const scopes = key.person ? toScopes(key.person, organizationId) : key.scopes;
  const organization = organizations.find(({ id }) => id === organizationId);
  return {
    apiKeyId,
    organizationId,
    organizationIds,
    scopes,
    isAdmin: scopes.includes('admin'),
    limits: { ofKey: key.limits, ofOrganization: organization?.limits ?? {} },
    cancelWhenGone,
    modelIds,
    session: 'session' in found ? found.session : undefined,
  };
}

function toOrganization(organizationIds: readonly string[], asked: string | string[] | undefined): string {
  const organizationId = asked === undefined ? organizationIds[0] : organizationIds.find((id) => id === asked);
  if (organizationId !== undefined) return organizationId;
  throw unauthorized('The API key does not belong to the organization that X-Organization-ID names.');
}

function createSuspended(organizationId: string): Problem {
  return new Problem(
    'organization_suspended',
    `The organization ${organizationId} is suspended: its keys are refused until the operator resumes it.`,
  );
}

/** Who makes a call, and when, for the audit log. */
export function toBy({ actor }: Pick<Caller, 'actor'>, clock: Clock): By {
  return { actor, at: clock.now() };
}

/** The refusal of a call that does not prove who makes it. */
export function unauthorized(message: string): Problem {
  return new HttpProblem('unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } });
}
