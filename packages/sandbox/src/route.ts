import type { IncomingMessage } from 'node:http';
import { type BatchRoute, parseBatchRoute } from './batches/route.ts';

/** What the request line and the headers ask for. */
export type Route = (
  | { readonly kind: 'generate' | 'count' | 'model'; readonly version: string; readonly model: string }
  | { readonly kind: 'list'; readonly version: string }
  /** The sandbox's own call log. With `prompt`, it also says how often that prompt was used. */
  | { readonly kind: 'calls'; readonly prompt: string | undefined }
  | { readonly kind: 'unknown' }
  | BatchRoute
) & {
  /** The API key or the access token; empty when there is none. */
  readonly key: string;
};

export function parseRoute({ headers, method, url = '/' }: IncomingMessage): Route {
  const parsed = URL.parse(url, 'http://sandbox');
  const header = headers['x-goog-api-key'];
  const [, token] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? [];
  const key = (typeof header === 'string' && header) || (parsed?.searchParams.get('key') ?? token ?? '');
  return { ...(parseBatchRoute(method, parsed) ?? toPlace(method, parsed)), key };
}

const callPath = /^\/([^/]+)\/models\/([^/]+)(?::|%3A)(generateContent|countTokens)$/i;
/** As Vertex AI has it: the models of a publisher, for a project and a location. */
const vertexPrefix = /^\/(v1(?:beta)?)1?\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google(?=\/models\/)/;
const modelPath = /^\/([^/]+)\/models\/([^/:]+)$/;
const listPath = /^\/([^/]+)\/models\/?$/;

function toPlace(method: string | undefined, url: URL | null) {
  const path = (url?.pathname ?? '').replace(vertexPrefix, '/$1');
  if (method === 'POST') {
    const call = callPath.exec(path);
    return toModelPlace(call?.[3]?.toLowerCase() === 'counttokens' ? 'count' : 'generate', call);
  }
  if (method !== 'GET') return { kind: 'unknown' } as const;
  if (path === '/sandbox/calls')
    return { kind: 'calls', prompt: url?.searchParams.get('prompt') ?? undefined } as const;
  const [, version] = listPath.exec(path) ?? [];
  return version === undefined ? toModelPlace('model', modelPath.exec(path)) : ({ kind: 'list', version } as const);
}

function toModelPlace(kind: 'generate' | 'count' | 'model', match: RegExpExecArray | null) {
  const [, version, model] = match ?? [];
  return version === undefined || model === undefined
    ? ({ kind: 'unknown' } as const)
    : ({ kind, version, model: model.slice(0, 100) } as const);
}
