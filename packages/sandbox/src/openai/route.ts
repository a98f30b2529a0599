import type { IncomingMessage } from 'node:http';

/** What a call of OpenAI's API asks for. */
export type OpenaiRoute = { readonly api: 'openai'; readonly key: string } & (
  | { readonly kind: 'openai-generate' | 'openai-edit' | 'openai-list' }
  | { readonly kind: 'openai-model'; readonly model: string }
  | { readonly kind: 'openai-unknown'; readonly method: string; readonly path: string }
);

const prefix = '/v1/';

/**
 * OpenAI's calls begin with `/v1/` and bring their key as a bearer; Google's come with another header, and Vertex AI's have a path
 * with a project. `undefined`: it is not one of OpenAI's.
 */
export function parseOpenaiRoute({ headers, method = '', url = '/' }: IncomingMessage): OpenaiRoute | undefined {
  const path = URL.parse(url, 'http://sandbox')?.pathname ?? '';
  const key = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  if (path.startsWith(`${prefix}projects/`)) return undefined;
  if (!path.startsWith(prefix) || (key === '' && !path.startsWith(`${prefix}images/`))) return undefined;
  return { api: 'openai', key, ...toPlace(method, path) };
}

function toPlace(method: string, path: string) {
  const call = `${method} ${path.slice(prefix.length)}`;
  if (call === 'POST images/generations') return { kind: 'openai-generate' } as const;
  if (call === 'POST images/edits') return { kind: 'openai-edit' } as const;
  if (call === 'GET models') return { kind: 'openai-list' } as const;
  const [, model] = /^GET models\/([^/]{1,100})$/.exec(call) ?? [];
  return model === undefined
    ? ({ kind: 'openai-unknown', method, path } as const)
    : ({ kind: 'openai-model', model } as const);
}
