import type { Me } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { version } from '../../platform/version.ts';

export interface MeRouteOptions {
  /** Are the pictures drawn by the sandbox, since there is no upstream? */
  readonly isSandbox: boolean;
}

/** `GET …/me`: who calls, and whom. */
export function registerMeRoute(app: FastifyInstance, { isSandbox }: MeRouteOptions): void {
  app.get('/me', async ({ caller }): Promise<Me> => {
    const { apiKeyId, organizationId, organizationIds, isAdmin } = caller;
    return {
      api_key_id: apiKeyId,
      organization_id: organizationId,
      organization_ids: [...organizationIds],
      is_admin: isAdmin,
      is_sandbox: isSandbox,
      version,
    };
  });
}
