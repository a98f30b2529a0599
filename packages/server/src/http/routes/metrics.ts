import type { FastifyInstance } from 'fastify';

/** The metrics of this process as text. */
export interface MetricsSource {
  readonly contentType: string;
  read(): Promise<string>;
}

export function registerMetricsRoute(app: FastifyInstance, { contentType, read }: MetricsSource): void {
  app.get('/metrics', async (_request, reply) => {
    const text = await read();
    return reply.header('content-type', contentType).header('cache-control', 'no-store').send(text);
  });
}
