import fastify from 'fastify';
import { expect, it } from 'vitest';
import { refuseForeignOrigins } from './origins.ts';

async function callFrom(origin: string | undefined, corsOrigins: readonly string[]): Promise<number> {
  const app = fastify();
  const publicUrl = () => 'https://darkroom.example/path';
  app.post('/mcp', { onRequest: refuseForeignOrigins({ corsOrigins, publicUrl }) }, async () => 'answered');
  const { statusCode } = await app.inject({ method: 'POST', url: '/mcp', headers: { ...(origin && { origin }) } });
  await app.close();
  return statusCode;
}

it.each([
  [undefined, ['none'], 200],
  ['https://elsewhere.example', ['*'], 200],
  ['https://named.example', ['https://named.example'], 200],
  ['https://darkroom.example', ['none'], 200],
  ['https://elsewhere.example', ['https://named.example'], 403],
  ['https://elsewhere.example', ['none'], 403],
  ['null', ['https://named.example'], 403],
])('a page of %s, when the settings name %s: %i', async (origin, corsOrigins, status) => {
  expect(await callFrom(origin, corsOrigins)).toBe(status);
});
