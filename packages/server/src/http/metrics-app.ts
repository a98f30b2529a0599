import Fastify, { type FastifyInstance } from 'fastify';
import { type MetricsSource, registerMetricsRoute } from './routes/metrics.ts';

/** Only the metrics, for a port that only those reach who may read them. */
export function createMetricsApp(source: MetricsSource): FastifyInstance {
  const app = Fastify({ bodyLimit: 1_024, requestTimeout: 10_000, forceCloseConnections: 'idle' });
  registerMetricsRoute(app, source);
  return app;
}
