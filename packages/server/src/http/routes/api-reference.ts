import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { serveFolder } from '../send-file.ts';

/**
 * `/openapi.json`, and a page at `/docs/api` to read and try it, with nothing from other hosts. Creating the document takes some
 * time, so it is created on first use.
 */
export function registerApiReferenceRoutes(app: FastifyInstance, createDocument: () => Promise<object>): void {
  let document: string | undefined;
  app.get('/openapi.json', async (_request, reply) => {
    document ??= JSON.stringify(await createDocument());
    return reply.type('application/json; charset=utf-8').send(document);
  });

  serveFolder(app, {
    folder: assets,
    prefix: '/docs/api/assets/',
    isServed: (name) => assetNames.has(name),
    caching: {},
  });
  app.get('/docs/api', async (_request, reply) =>
    reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page),
  );
  app.get('/docs/api/reference.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(script),
  );
}

/** Swagger UI as packaged by the Fastify project, without its plugin: the page below replaces it. */
const assets = path.join(path.dirname(fileURLToPath(import.meta.resolve('@fastify/swagger-ui'))), 'static');
const assetNames = new Set(['swagger-ui.css', 'swagger-ui-bundle.js']);

// Swagger UI writes style attributes; nothing else of the page is inline.
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Darkroom: API reference</title>
<link rel="stylesheet" href="/docs/api/assets/swagger-ui.css">
</head>
<body>
<nav style="padding: 1rem; font-family: system-ui, sans-serif"><a href="/docs">Documentation</a> · <a href="/">Console</a></nav>
<main id="reference"></main>
<script src="/docs/api/assets/swagger-ui-bundle.js"></script>
<script src="/docs/api/reference.js"></script>
</body>
</html>
`;

const script = `window.SwaggerUIBundle({
  url: '/openapi.json',
  domNode: document.getElementById('reference'),
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
});
`;
