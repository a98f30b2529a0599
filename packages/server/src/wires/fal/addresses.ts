import type { IncomingHttpHeaders } from 'node:http';

export const falPrefix = '/fal';

/** The hosts of fal's clients, and where their addresses are here. */
const places: ReadonlyMap<string, string> = new Map([
  ['fal.run', '/run'],
  ['queue.fal.run', '/queue'],
  ['rest.fal.ai', '/rest'],
  ['rest.alpha.fal.ai', '/rest'],
  ['v3.fal.media', '/storage'],
  ['v3b.fal.media', '/storage'],
]);

/**
 * Clients of fal reach this service in three ways, which all become addresses below the prefix: through the proxy address, with the
 * intended one in a header; under fal's own host names; and by paths. The intended address is only read, and never fetched.
 * `publicUrl` is where this service is: its own name may begin like one of fal's.
 */
export function toFullPath(url: string, headers: IncomingHttpHeaders, publicUrl: () => string): string {
  const [path = ''] = url.split('?', 1);
  if (/^\/(api\/)?fal\/proxy\/?$/.test(path)) return fromTarget(String(headers['x-fal-target-url'])) ?? proxyPath;
  if (path.startsWith('/fal/fal-ai/')) return `${falPrefix}/run${url.slice(falPrefix.length)}`;
  if (/^\/(fal|media|uploads)(\/|$)/.test(path)) return url;
  const host = toHostName(headers.host ?? '');
  const place = places.get(host) ?? guessPlace(path, host, publicUrl);
  return place === undefined ? url : `${falPrefix}${place}${url}`;
}

/** Where a proxied call arrives that names no address of fal. */
const proxyPath = `${falPrefix}/proxy`;

function fromTarget(target: string): string | undefined {
  if (!URL.canParse(target)) return undefined;
  const { hostname, pathname, search } = new URL(target);
  const place = places.get(hostname);
  return place === undefined ? undefined : `${falPrefix}${place}${pathname}${search}`;
}

function toHostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/** Under any other host name, the names of fal's endpoints tell. `queue.HOST` is what clients make of `FAL_RUN_HOST`. */
function guessPlace(path: string, host: string, publicUrl: () => string): string | undefined {
  if (/^\/storage\/(upload|auth)\//.test(path)) return '/rest';
  if (!path.startsWith('/fal-ai/')) return undefined;
  const isQueueHost = host.startsWith('queue.') && host !== new URL(publicUrl()).hostname;
  return isQueueHost || /^\/fal-ai\/[^/]+\/requests\//.test(path) ? '/queue' : '/run';
}
