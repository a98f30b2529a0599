import type { FastifyInstance } from 'fastify';
import { type Authenticate, addAuthentication } from './auth.ts';
import { type MetricsSource, registerMetricsRoute } from './routes/metrics.ts';
import { requireScopes } from './scopes.ts';

/** `/metrics` for admin keys. */
export async function registerKeyedMetrics(
  app: FastifyInstance,
  metrics: MetricsSource,
  authenticate: Authenticate,
): Promise<void> {
  await app.register(async (scope) => {
    addAuthentication(scope, authenticate);
    requireScopes(scope, true);
    registerMetricsRoute(scope, metrics);
  });
}
