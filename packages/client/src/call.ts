import { DarkroomError } from './darkroom-error.ts';
import { readRetryAfterMs, sendWithRetries } from './send-with-retries.ts';
import type { ProblemBody } from './shapes.ts';

export interface DarkroomOptions {
  /** Where Darkroom is, e.g. `http://127.0.0.1:4600`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For keys of several organizations: the one to act for. */
  readonly organizationId?: string;
  readonly fetch?: typeof fetch;
  /** How often to retry a call that is safe to repeat. Default: 3. 0 means never. */
  readonly maxRetries?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface Message extends CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The call is safe to repeat, although its method is not idempotent. */
  readonly isRepeatable?: boolean;
}

/** Makes a call and resolves to its response if that is a 2xx. */
export type Send = (method: string, path: string, message: Message) => Promise<Response>;

/** Makes a call and resolves to the JSON of its response, or to `undefined` if that is empty. */
export type Call = <T>(method: string, path: string, message: Message) => Promise<T>;

/** Makes calls to one server under `prefix`. Each call throws a `DarkroomError` when the server refuses it. */
export function createSend(options: DarkroomOptions, prefix: string): Send {
  const { apiKey, organizationId, fetch: send = fetch, maxRetries = defaultMaxRetries } = options;
  const base = `${options.baseUrl.replace(/\/+$/, '')}${prefix}`;
  return async (method, path, { signal, body, headers, isRepeatable = repeatableMethods.has(method) }) => {
    const request = {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(organizationId !== undefined && { 'x-organization-id': organizationId }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    const response = await sendWithRetries(() => send(`${base}${path}`, request), { maxRetries, isRepeatable, signal });
    if (!response.ok) throw await toError(response);
    return response;
  };
}

export function toCall(send: Send): Call {
  return async <T>(method: string, path: string, message: Message) => {
    const response = await send(method, path, message);
    const answer: unknown = response.status === 204 ? undefined : await response.json();
    return answer as T; // the server's own schemas check its responses
  };
}

export const defaultMaxRetries = 3;

/** `DELETE` is not one of them: a second one would be answered with 404. */
const repeatableMethods: ReadonlySet<string> = new Set(['GET', 'PUT']);

/** The error of a refusal. A proxy may have answered instead of Darkroom, without JSON. */
export async function toError(response: Response): Promise<DarkroomError> {
  const retryAfterMs = readRetryAfterMs(response);
  const retryAfterSeconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1_000);
  const body: unknown = await response.json().catch(() => undefined);
  return new DarkroomError(response.status, isProblem(body) ? body : {}, retryAfterSeconds);
}

function isProblem(body: unknown): body is ProblemBody {
  if (typeof body !== 'object' || body === null || !('error' in body && 'code' in body)) return false;
  return typeof body.error === 'string' && typeof body.code === 'string';
}

/** A query string of the parameters that are defined. */
export function toQuery(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
