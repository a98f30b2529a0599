import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashApiKey, isSameHash, parseApiKeyId } from '../core/api-keys.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { Problem } from '../core/problem.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';
import { HttpProblem } from './http-problem.ts';

/** The id of the key from the configuration, which no store holds. */
export const configuredKeyId = 'configured';

/** The key that makes a call, on behalf of one of its organizations. */
export interface Caller {
  readonly apiKeyId: string;
  readonly organizationId: string;
  /** All organizations that the key may act for; the first is its default. */
  readonly organizationIds: readonly string[];
  /** May it act for the operator of the service? */
  readonly isAdmin: boolean;
  /** The key's own limit of submits in any minute. */
  readonly requestsPerMinute: number | undefined;
  /** Are its requests cancelled while they are queued, when the client that waits for them goes away? */
  readonly cancelWhenGone: boolean;
  /** The public ids of the models that it may submit to; `undefined`: all. */
  readonly modelIds: readonly string[] | undefined;
}

type KnownKey = Pick<
  ApiKey,
  'id' | 'organizationIds' | 'isAdmin' | 'requestsPerMinute' | 'cancelWhenGone' | 'modelIds'
>;

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

/** Every route registered on `app` from now on, after `addAuthentication`, needs an admin key. */
export function requireAdmin(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ caller }) => {
    if (!caller.isAdmin) throw new Problem('admin_required', 'This call is the operator’s: send it with an admin key.');
  });
}

export interface AuthenticationOptions {
  readonly keys: KeyStore;
  /** An admin key of the default organization, in addition to the keys of the store. */
  readonly configuredKey: string | undefined;
}

/** Authentication by API keys, however a call brings its key. */
export function createAuthenticate({ keys, configuredKey }: AuthenticationOptions): Authenticate {
  const configuredHash = configuredKey === undefined ? undefined : hashApiKey(configuredKey);

  const findKey = async (key: string): Promise<KnownKey | undefined> => {
    const hash = hashApiKey(key);
    if (configuredHash !== undefined && isSameHash(hash, configuredHash)) {
      return {
        id: configuredKeyId,
        organizationIds: [defaultOrganizationId],
        isAdmin: true,
        requestsPerMinute: undefined,
        cancelWhenGone: false,
        modelIds: undefined,
      };
    }
    const id = parseApiKeyId(key);
    const row = id === undefined ? undefined : await keys.find(id);
    return row && row.revokedAt === undefined && isSameHash(hash, row.secretHash) ? row : undefined;
  };

  // A key is looked up once in each turn of the event loop: under load many calls come in one turn, and a revocation still counts
  // from the next turn on.
  const known = new Map<string, ReturnType<typeof findKey>>();
  const findThisTurn = (key: string): ReturnType<typeof findKey> => {
    const found = known.get(key);
    if (found) return found;
    if (known.size === 0) setImmediate(() => known.clear());
    const looked = findKey(key);
    known.set(key, looked);
    return looked;
  };

  return async (request, scheme) => {
    const key = scheme.read(request);
    if (key === undefined) throw unauthorized(`The API key is missing: ${scheme.advice}.`);
    const found = await findThisTurn(key);
    if (!found) throw unauthorized('The API key is wrong or revoked.');
    return {
      apiKeyId: found.id,
      organizationId: toOrganization(found.organizationIds, request.headers['x-organization-id']),
      organizationIds: found.organizationIds,
      isAdmin: found.isAdmin,
      requestsPerMinute: found.requestsPerMinute,
      cancelWhenGone: found.cancelWhenGone,
      modelIds: found.modelIds,
    };
  };
}

function toOrganization(organizationIds: readonly string[], asked: string | string[] | undefined): string {
  const organizationId = asked === undefined ? organizationIds[0] : organizationIds.find((id) => id === asked);
  if (organizationId !== undefined) return organizationId;
  throw unauthorized('The API key does not belong to the organization that X-Organization-ID names.');
}

/** The refusal of a call that does not prove who makes it. */
export function unauthorized(message: string): Problem {
  return new HttpProblem('unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } });
}
