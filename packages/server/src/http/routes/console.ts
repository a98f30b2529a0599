import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { MediaStore } from '../../media/media-store.ts';
import { serveFolder } from '../send-file.ts';

export interface ConsoleRoutesOptions {
  /** Pictures are read from this service, or from where the media store says: the page may show pictures of no other origin. */
  readonly publicUrl: () => string;
  readonly media: Pick<MediaStore, 'listOrigins'>;
  /** What `vite build` wrote. */
  readonly folder?: string;
}

/**
 * The web console at `/` and its other pages, with nothing from other hosts. It may be built, and rebuilt, while the server runs.
 * Until it is built, `/` says how.
 */
export function registerConsoleRoutes(app: FastifyInstance, options: ConsoleRoutesOptions): void {
  const { folder = builtConsole } = options;
  serveFolder(app, { folder: path.join(folder, 'assets'), prefix: '/assets/' });
  for (const page of pages) app.get(page, (_request, reply) => sendPage(reply, options));
}

/**
 * Answers 404 with the console's page, which says so and links to the home page, when a browser asks for an address that does not
 * exist. Resolves to `undefined` for the addresses of programs: they get JSON.
 */
export async function sendMissingPage(
  request: FastifyRequest,
  reply: FastifyReply,
  options: ConsoleRoutesOptions,
): Promise<FastifyReply | undefined> {
  const { method, url, headers } = request;
  const isForPeople = method === 'GET' && headers.accept?.includes('text/html') === true;
  if (!isForPeople || programs.some((prefix) => url.startsWith(prefix))) return undefined;
  return sendPage(reply.code(404).header('vary', 'accept'), options);
}

/** The console has no pages below these addresses. */
const programs = ['/api/', '/media/', '/assets/'];

async function sendPage(
  reply: FastifyReply,
  { publicUrl, media, folder = builtConsole }: ConsoleRoutesOptions,
): Promise<FastifyReply> {
  return reply
    .headers({
      'content-security-policy': toPolicy([new URL(publicUrl()).origin, ...(await media.listOrigins())]),
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .type('text/html; charset=utf-8')
    .send((await readPage(folder)) ?? unbuiltPage);
}

/** The console's own addresses; its router takes over from there. */
const pages = [
  '/',
  '/gallery',
  '/uploads',
  '/queue',
  '/usage',
  '/webhooks',
  '/keys',
  '/organizations',
  '/sessions',
  '/audit',
];

const builtConsole = path.join(
  path.dirname(fileURLToPath(import.meta.resolve('@darkroom/console/package.json'))),
  'dist',
);

/** `undefined` while there is no build. */
async function readPage(folder: string): Promise<string | undefined> {
  try {
    return await readFile(path.join(folder, 'index.html'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function toPolicy(origins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // References are uploaded to the place where pictures are read.
    `connect-src 'self' ${origins.join(' ')}`,
    `img-src 'self' ${origins.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const unbuiltPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Darkroom</title>
</head>
<body>
<h1>Darkroom</h1>
<p>The server is running, but its console is not built yet. In Darkroom's folder, run <code>npm run build -w @darkroom/console</code>,
then load this page again.</p>
<p>The API works without it: see <a href="/docs">the documentation</a>.</p>
</body>
</html>
`;
