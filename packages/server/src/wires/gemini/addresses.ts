import type { IncomingHttpHeaders } from 'node:http';

/** Where the wire's routes are. Google's v1, v1beta and the addresses of Vertex mean the same here. */
export const prefix = '/v1beta';
export const uploadPrefix = `/upload${prefix}`;
export const resumablePrefix = `${uploadPrefix}/resumable`;

/**
 * Returns the address that a client of Gemini means: without a version, with two, with `models/` twice, or in the form of Vertex. The
 * addresses of other wires stay as they are. `/v1/models` and `/v1/files` also exist elsewhere: they are Gemini's for clients that
 * send their key as Google's do.
 */
export function toFullPath(url: string, headers: IncomingHttpHeaders): string {
  const [path = '', ...queries] = url.split('?');
  const full = toFullName(path, () => isByGoogleKey(queries.join('?'), headers));
  return full === undefined ? url : [full, ...queries].join('?');
}

function toFullName(path: string, byGoogleKey: () => boolean): string | undefined {
  const [, versions = '', rest = ''] = /^((?:\/v1(?:(?:alpha|beta)\d*)?(?=\/))*)(\/.*)$/.exec(path) ?? [];
  if (/^\/upload(\/v1(alpha|beta)?\d*)*\/files\/?$/.test(rest)) return `${uploadPrefix}/files`;
  const resource = toResource(rest);
  if (resource === undefined) return undefined;
  const isGemini = resource.isCall || /alpha|beta/.test(versions) || byGoogleKey();
  return isGemini ? `${prefix}${resource.name}` : undefined;
}

interface Resource {
  readonly name: string;
  /** Is it a call that only Gemini has? */
  readonly isCall: boolean;
}

const methods = 'generateContent|streamGenerateContent|countTokens|predict';

function toResource(rest: string): Resource | undefined {
  if (/^\/files(\/|$)/.test(rest)) return { name: rest, isCall: false };
  // Whatever comes before the name: `projects/P/locations/L/publishers/google/models/`, `models/models/`, `tunedModels/`.
  const [before = ''] =
    /^(?:\/(?:projects\/[^/]+|locations\/[^/]+|publishers\/[^/]+|models|tunedModels)(?=\/|$))*/.exec(rest) ?? [];
  if (!/\/(models|tunedModels)$/.test(before)) return undefined;
  const model = rest.slice(before.length).replace(/%3a/i, ':');
  return { name: `/models${model}`, isCall: new RegExp(`:(${methods})$`).test(model) };
}

function isByGoogleKey(query: string, headers: IncomingHttpHeaders): boolean {
  return headers['x-goog-api-key'] !== undefined || /(^|&)key=/.test(query);
}
