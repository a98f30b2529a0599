import { DarkroomError } from './darkroom-error.ts';

export interface DarkroomOptions {
  /** Where Darkroom is, e.g. `http://127.0.0.1:4600`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For keys of several organizations: the one to act for. */
  readonly organizationId?: string;
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface Message extends CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes a call and resolves to the JSON of its answer, or to `undefined` when that is empty. */
export type Call = <T>(method: string, path: string, message: Message) => Promise<T>;

/** Calls of one server under `prefix`; each throws a `DarkroomError` when the server refuses it. */
export function createCall(options: DarkroomOptions, prefix: string): Call {
  const { apiKey, organizationId, fetch: send = fetch } = options;
  const base = `${options.baseUrl.replace(/\/+$/, '')}${prefix}`;
  return async <T>(method: string, path: string, { signal, body, headers }: Message) => {
    const response = await send(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(organizationId !== undefined && { 'x-organization-id': organizationId }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (!response.ok) throw await toError(response);
    const answer: unknown = response.status === 204 ? undefined : await response.json();
    return answer as T; // the server's own schemas check what it sends
  };
}

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
