import type { FastifyInstance } from 'fastify';

/** What readiness depends on: a name, and a check that rejects with a sentence when something is wrong. */
export type HealthChecks = Readonly<Record<string, () => Promise<void>>>;

export interface HealthOptions {
  readonly checks: HealthChecks;
  /** How often the process has met damage: it can still accept and keep requests. */
  readonly damage: () => Readonly<Record<string, number>>;
}

/** `/healthz`: the process answers. `/readyz`: it can accept and keep requests; an answer of 503 names what it cannot reach. */
export function registerHealthRoutes(app: FastifyInstance, { checks, damage }: HealthOptions): void {
  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const results = await Promise.all(Object.entries(checks).map(([name, check]) => examine(name, check)));
    const isReady = results.every(([, result]) => result === 'ok');
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: isReady ? 'ok' : 'unavailable', checks: Object.fromEntries(results), damage: damage() });
  });
}

async function examine(name: string, check: () => Promise<void>): Promise<readonly [string, string]> {
  try {
    await check();
    return [name, 'ok'];
  } catch (error) {
    return [name, error instanceof Error ? error.message : 'failed'];
  }
}
