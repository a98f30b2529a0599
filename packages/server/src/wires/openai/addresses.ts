import type { IncomingHttpHeaders } from 'node:http';

export const openAiPrefix = '/v1';

/**
 * The addresses that clients build from a base URL as people type it: without the version, with the version twice, and with the
 * singular of some relays. Models that are asked for with a key of Gemini's kind, and methods of models, belong to other wires.
 */
export function toFullPath(url: string, headers: IncomingHttpHeaders): string {
  const [, noun, rest = ''] = /^\/+(?:v1\/+)*(images|models)((?:\/[^:?]*)?(?:\?.*)?)$/.exec(url) ?? [];
  if (noun === 'images') return `${openAiPrefix}/images${rest.replace(/^\/+(edit|generation)(?=[/?]|$)/, '/$1s')}`;
  if (noun === 'models' && isBearer(headers)) return `${openAiPrefix}/models${rest}`;
  return url;
}

/** A browser that opens the console's own pages sends no key. */
function isBearer({ authorization = '' }: IncomingHttpHeaders): boolean {
  return /^bearer /i.test(authorization);
}
