import type { FastifyInstance } from 'fastify';
import { type Authenticate, addAuthentication, requireAdmin } from './auth.ts';
import { type MetricsSource, registerMetricsRoute } from './routes/metrics.ts';

/** `/metrics` for admin keys. */
export async function registerKeyedMetrics(
  app: FastifyInstance,
  metrics: MetricsSource,
  authenticate: Authenticate,
): Promise<void> {
  await app.register(async (scope) => {
    addAuthentication(scope, authenticate);
    requireAdmin(scope);
    registerMetricsRoute(scope, metrics);
  });
}
