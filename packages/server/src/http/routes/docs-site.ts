import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendFile, serveFolder } from '../send-file.ts';

/**
 * The documentation at `/docs` and below, with nothing from other hosts. It may be built, and rebuilt, while the server runs.
 * Until then, its addresses say how to build it.
 *
 * @param folder What `vitepress build` wrote.
 */
export function registerDocsSiteRoutes(app: FastifyInstance, folder = builtSite): void {
  serveFolder(app, { folder: path.join(folder, 'assets'), prefix: '/docs/assets/' });
  app.get('/docs', (request, reply) => sendPage(folder, '', request, reply));
  app.get<{ Params: { '*': string } }>('/docs/*', (request, reply) =>
    sendPage(folder, request.params['*'], request, reply),
  );
}

/** Sends the page with this name, or 404 with a page that says so. */
async function sendPage(
  folder: string,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.headers(pageHeaders);
  const file = await findFile(folder, name);
  if (file === undefined) return sendMissing(folder, request, reply);
  const address = toAddress(file);
  // The links of a page are relative, so each page has one address: that of an index page ends with a slash.
  if (request.url.split('?')[0] !== address) return reply.redirect(address, 301);
  const isSent = await sendFile(request, reply, { folder, name: file, caching: always });
  // A new build may have removed it meanwhile.
  return isSent ? reply : sendMissing(folder, request, reply);
}

async function sendMissing(folder: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (await sendFile(request, reply, { folder, name: '404.html', caching: always, status: 404 })) return reply;
  return reply.code(404).type('text/html; charset=utf-8').send(unbuiltPage);
}

/** The file of a name: `get-started` is `get-started.html`, `clients` is `clients/index.html`. */
async function findFile(folder: string, name: string): Promise<string | undefined> {
  const stem = name.replace(/\/$/, '');
  if (!/^([\w-]+(\/[\w-]+)*(\.\w+)?)?$/.test(stem)) return undefined;
  for (const file of [`${stem}.html`, path.posix.join(stem, 'index.html'), stem]) {
    if (await isFile(path.join(folder, file))) return file;
  }
  return undefined;
}

function toAddress(file: string): string {
  return `/docs/${file.replace(/(^|\/)index\.html$|\.html$/, '$1')}`;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Browsers ask each time whether the file has changed. */
const always = { cacheControl: false };

const pageHeaders = {
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    // The site's style sheets hold its icons.
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const builtSite = path.join(
  path.dirname(fileURLToPath(import.meta.resolve('@darkroom/docs-site/package.json'))),
  'dist',
);

const unbuiltPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Darkroom: documentation</title>
</head>
<body>
<h1>Darkroom's documentation</h1>
<p>The server runs, but its documentation is not built yet. In Darkroom's folder, run
<code>npm run build -w @darkroom/docs-site</code>, then load this page again. The same pages are in the folder
<code>docs</code>, as Markdown.</p>
<p>The <a href="/docs/api">API reference</a> and the <a href="/">console</a> do not need this build.</p>
</body>
</html>
`;
