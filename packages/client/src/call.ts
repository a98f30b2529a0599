import { DarkroomError } from './darkroom-error.ts';
import { sendWithRetries } from './send-with-retries.ts';

export interface DarkroomOptions {
  /** Where Darkroom is, e.g. `http://127.0.0.1:4600`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For keys of several organizations: the one to act for. */
  readonly organizationId?: string;
  readonly fetch?: typeof fetch;
  /** How often a call that can be repeated without harm is sent again; 3 when left out, 0 for never. */
  readonly maxRetries?: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface Message extends CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Twice is as good as once, though the method does not say so. */
  readonly isRepeatable?: boolean;
}

/** Makes a call and resolves to its answer when that is a 2xx. */
export type Send = (method: string, path: string, message: Message) => Promise<Response>;

/** Makes a call and resolves to the JSON of its answer, or to `undefined` when that is empty. */
export type Call = <T>(method: string, path: string, message: Message) => Promise<T>;

/** Calls of one server under `prefix`; each throws a `DarkroomError` when the server refuses it. */
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
    return answer as T; // the server's own schemas check what it sends
  };
}

export const defaultMaxRetries = 3;

/** A `DELETE` is not among them: the second one would be told that there is nothing. */
const repeatableMethods: ReadonlySet<string> = new Set(['GET', 'PUT']);

/** What a refusal says; something between here and Darkroom may have answered in its place, without JSON. */
export async function toError(response: Response): Promise<DarkroomError> {
  return new DarkroomError(response.status, await response.json().catch(() => ({})));
}

/** A query of the parameters that are given. */
export function toQuery(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
