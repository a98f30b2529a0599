import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from '../platform/logger.ts';
import { type AuthenticationOptions, createAuthenticate } from './auth.ts';
import { toHouseError } from './error-reply.ts';
import { registerKeyedMetrics } from './keyed-metrics.ts';
import { answerErrors } from './refusals.ts';
import { type HealthOptions, registerHealthRoutes } from './routes/health.ts';
import type { MetricsSource } from './routes/metrics.ts';

export interface HealthAppOptions {
  readonly health: HealthOptions;
  /** For admin keys, at `/metrics`. */
  readonly metrics: MetricsSource;
  readonly authentication: AuthenticationOptions;
  readonly logger: Logger;
}

/** Only health, readiness and metrics, for a process that accepts no requests. */
export async function createHealthApp(options: HealthAppOptions): Promise<FastifyInstance> {
  const { health, metrics, authentication, logger } = options;
  const app = Fastify({ bodyLimit: 1_024, requestTimeout: 10_000, forceCloseConnections: 'idle' });
  answerErrors(app, { name: 'health', toErrorReply: toHouseError }, logger);
  registerHealthRoutes(app, health);
  await registerKeyedMetrics(app, metrics, createAuthenticate(authentication));
  return app;
}
