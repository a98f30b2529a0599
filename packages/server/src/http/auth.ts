import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashApiKey, isSameHash, parseApiKeyId } from '../core/api-keys.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';
import { Problem } from './problem.ts';

/** The id of the key of the configuration, which stands in no store. */
export const configuredKeyId = 'configured';

/** Who calls: a key, on behalf of one of its organizations. */
export interface Caller {
  readonly apiKeyId: string;
  readonly organizationId: string;
  /** All that the key may act for; the first is its default. */
  readonly organizationIds: readonly string[];
  /** May it act for the operator of the service? */
  readonly isAdmin: boolean;
  /** The key's own limit of submits in any minute. */
  readonly requestsPerMinute: number | undefined;
}

type KnownKey = Pick<ApiKey, 'id' | 'organizationIds' | 'isAdmin' | 'requestsPerMinute'>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; there on every route that is registered after `addAuthentication`. */
    caller: Caller;
  }
}

export type Authenticate = (request: FastifyRequest) => Promise<Caller>;

/** Every route registered on `app` from now on needs a key; nothing of a call's body is read before. */
export function addAuthentication(app: FastifyInstance, authenticate: Authenticate): void {
  app.addHook('onRequest', async (request) => {
    request.caller = await authenticate(request);
  });
}

/** Every route registered on `app` from now on, after `addAuthentication`, needs an admin key. */
export function requireAdmin(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ caller }) => {
    if (!caller.isAdmin) throw new Problem('admin_required', 'This call is the operator’s: send it with an admin key.');
  });
}

/**
 * Authentication by `Authorization: Bearer KEY`. `configuredKey` is an admin key of the default organization beside the
 * keys of the store.
 */
export function createAuthenticate(keys: KeyStore, configuredKey: string | undefined): Authenticate {
  const configuredHash = configuredKey === undefined ? undefined : hashApiKey(configuredKey);

  const findKey = async (key: string): Promise<KnownKey | undefined> => {
    const hash = hashApiKey(key);
    if (configuredHash !== undefined && isSameHash(hash, configuredHash)) {
      return {
        id: configuredKeyId,
        organizationIds: [defaultOrganizationId],
        isAdmin: true,
        requestsPerMinute: undefined,
      };
    }
    const id = parseApiKeyId(key);
    const row = id === undefined ? undefined : await keys.find(id);
    return row && row.revokedAt === undefined && isSameHash(hash, row.secretHash) ? row : undefined;
  };

  // A key is looked up once a turn of the event loop: under load many calls come in one, and a revocation still counts
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

  return async ({ headers }) => {
    const key = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    if (key === undefined)
      throw unauthorized('The API key is missing: send the header Authorization: Bearer YOUR_API_KEY.');
    const found = await findThisTurn(key);
    if (!found) throw unauthorized('The API key is wrong or revoked.');
    return {
      apiKeyId: found.id,
      organizationId: toOrganization(found.organizationIds, headers['x-organization-id']),
      organizationIds: found.organizationIds,
      isAdmin: found.isAdmin,
      requestsPerMinute: found.requestsPerMinute,
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
  return new Problem('unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } });
}
