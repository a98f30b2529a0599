import Fastify, { type FastifyInstance } from 'fastify';
import { type HealthChecks, registerHealthRoutes } from './routes/health.ts';

/** Only health and readiness, for a process that accepts no requests. */
export function createHealthApp(checks: HealthChecks): FastifyInstance {
  const app = Fastify({ bodyLimit: 1_024, requestTimeout: 10_000, forceCloseConnections: 'idle' });
  registerHealthRoutes(app, checks);
  return app;
}
