import type { Me } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { version } from '../../platform/version.ts';

export interface MeRouteOptions {
  /** Does the sandbox draw the pictures, because there is no upstream? */
  readonly isSandbox: boolean;
}

/** `GET …/me`: who makes the call, and which service answers it. */
export function registerMeRoute(app: FastifyInstance, { isSandbox }: MeRouteOptions): void {
  app.get('/me', async ({ caller }): Promise<Me> => {
    const { apiKeyId, organizationId, organizationIds, scopes, isAdmin, session } = caller;
    return {
      api_key_id: apiKeyId,
      organization_id: organizationId,
      organization_ids: [...organizationIds],
      scopes: [...scopes],
      is_admin: isAdmin,
      is_sandbox: isSandbox,
      ...(session && { person: { name: session.name, session_id: session.id } }),
      version,
    };
  });
}
