/** One call of Darkroom's API, as any client makes it. */
export interface WireCall {
  readonly url: string;
  readonly key: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WireAnswer {
  readonly status: number;
  readonly body: unknown;
}

export const requestsPath = '/api/v1/ie/requestqueue/apikey/requests';
export const adminPath = '/api/v1/admin';

/** A client waits no longer than this; then it asks again. */
const longestCallMs = 5_000;

/** Rejects when no complete answer came. */
export async function callWire({ url, key, method, path, body, headers }: WireCall): Promise<WireAnswer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(longestCallMs),
  });
  return { status: response.status, body: await response.json() };
}
