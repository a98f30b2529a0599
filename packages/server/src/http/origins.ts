import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/**
 * Lets web pages of these origins call the service and read its answers; `*` allows any. A call needs its API key as everywhere:
 * no cookie is ever accepted from another origin.
 */
export async function admitOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.includes('none')) return;
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    credentials: false,
    exposedHeaders: '*',
    maxAge: 86_400,
    strictPreflight: false,
  });
}
