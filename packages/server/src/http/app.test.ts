import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../test/app-harness.ts';
import { readOpenApi } from '../../test/docs/openapi-shapes.ts';
import { modelPrefix } from '../wires/queue/prefixes.ts';

const app = useApp();

describe('every address', () => {
  it.each([
    ['GET', '/nowhere', 404, 'not_found'],
    ['PUT', requestsUrl, 405, 'method_not_allowed'],
    ['POST', `${modelPrefix}/models`, 405, 'method_not_allowed'],
    ['DELETE', '/healthz', 405, 'method_not_allowed'],
    ['GET', `${requestsUrl}/%ff`, 400, 'invalid_request'],
  ] as const)('answers %s %s with the error body of the wire', async (method, url, status, code) => {
    const reply = await app.current.call({ method, url });
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect(reply.json()).toMatchObject({ code, error: expect.stringMatching(/\w/) });
    if (status === 405) expect(reply.headers.allow).toMatch(/GET|POST/);
  });

  it('that does not exist shows the console’s page to a browser, and JSON to every program', async () => {
    const ask = (url: string, accept: string) => app.current.app.inject({ url, headers: { accept } });
    const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const page = await ask('/nowhere/at/all?x=1', browser);
    expect(page.statusCode).toBe(404);
    expect(page.body).toBe((await ask('/', browser)).body);
    expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', vary: 'accept' });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    for (const [url, accept] of [
      ['/nowhere', '*/*'],
      ['/nowhere', 'application/json'],
      [`${requestsUrl}s`, browser],
      ['/api/v1/nowhere', browser],
      ['/media/none', browser],
      ['/assets/none.js', browser],
    ] as const) {
      const reply = await ask(url, accept);
      expect([reply.statusCode, reply.json().code], `${url} ${accept}`).toEqual([404, 'not_found']);
    }
  });

  it('reports whether it is alive and whether it is ready', async () => {
    expect((await app.current.app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await app.current.app.inject('/readyz')).json()).toMatchObject({ status: 'ok', checks: { store: 'ok' } });
    await app.current.store.close();
    const reply = await app.current.app.inject('/readyz');
    expect(reply.statusCode).toBe(503);
    expect(reply.json().checks.store).not.toBe('ok');
  });

  it('of the OpenAPI document exists, and the document is made from the same schemas', async () => {
    const document = (await app.current.app.inject('/openapi.json')).json();
    expect(document).toEqual(await readOpenApi());
    const operations = Object.entries<object>(document.paths).flatMap(([url, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase() as 'GET', url: toRoute(url) })),
    );
    expect(operations.filter((operation) => !app.current.app.hasRoute(operation))).toEqual([]);
    expect(operations.map(({ method, url }) => `${method} ${url}`)).toEqual(
      expect.arrayContaining([
        `POST ${requestsUrl}`,
        `GET ${requestsUrl}/:id/attempts`,
        `GET ${modelPrefix}/models/:id`,
        'POST /api/v1/admin/requeue',
        'GET /media/:name',
      ]),
    );
  });

  it('can be read and tried at /docs/api, with nothing from other hosts', async () => {
    const page = await app.current.app.inject('/docs/api');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const assets = [...page.body.matchAll(/(?:src|link.*href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(assets.length).toBe(3);
    for (const asset of assets) expect((await app.current.app.inject(asset)).statusCode).toBe(200);
    expect((await app.current.app.inject('/docs/api/assets/index.html')).statusCode).toBe(404);
  });
});

/** `/requests/{id}` in the notation of Fastify. */
function toRoute(url: string): string {
  return url.replaceAll(/\{(\w+)\}/g, ':$1');
}
