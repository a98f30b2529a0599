import type { FastifyInstance } from 'fastify';
import type { Logger } from '../platform/logger.ts';
import { type Authenticate, addAuthentication } from './auth.ts';
import type { Gates } from './gates.ts';
import type { Mount, MountScope } from './mount.ts';
import { answerErrors, refuseLargeBodies } from './refusals.ts';
import { requireScopes } from './scopes.ts';

interface MountContext {
  readonly gates: Gates;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
}

/** The house's limit of a body: room for one inline reference picture of 7 MB in base64, and a long conversation. */
export const maxBodyBytes = 16 * 1024 * 1024;

/** Every scope of a mount has authentication, a limit of bodies, and errors in the mount's format. */
export async function addMount(app: FastifyInstance, mount: Mount, context: MountContext): Promise<void> {
  for (const { prefix, ...content } of mount.scopes)
    await app.register(async (scope) => fillScope(scope, { mount, ...content, ...context }), { prefix });
}

async function fillScope(
  scope: FastifyInstance,
  { mount, isKeyless, register, gates, authenticate, logger }: MountContext & MountContent,
): Promise<void> {
  const { keyScheme, isForAdmins, maxBodyBytes: maxBytes = maxBodyBytes } = mount;
  answerErrors(scope, mount, logger);
  scope.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store');
    done();
  });
  scope.addHook('onRoute', (route) => {
    route.bodyLimit ??= maxBytes;
  });
  if (!isKeyless) {
    addAuthentication(scope, authenticate, keyScheme);
    requireScopes(scope, isForAdmins);
  }
  refuseLargeBodies(scope, maxBytes);
  if (!isKeyless) scope.addHook('onRequest', gates.bodies);
  await register(scope, gates);
}

interface MountContent extends Omit<MountScope, 'prefix'> {
  readonly mount: Mount;
}
