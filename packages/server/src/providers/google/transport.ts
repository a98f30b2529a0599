import { Readable } from 'node:stream';
import { Agent, errors } from 'undici';

export interface TransportOptions {
  readonly connectTimeoutMs: number;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Rejects with `TransportError`. To leave it early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** The connection failed, or was ended by the request's signal. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The system's or the client's word for it, e.g. `ECONNREFUSED`. */
  readonly code: string;
  /** Had the request begun to go out? */
  readonly isSent: boolean;
  /** Did something come back that is not HTTP? */
  readonly isForeign: boolean;

  constructor(cause: unknown, isSent: boolean) {
    super('The connection to the upstream failed.', { cause });
    this.code = findCode(cause);
    this.isSent = isSent;
    this.isForeign = cause instanceof errors.HTTPParserError;
  }
}

/** Connections to the upstream: kept open between calls, one call on each at a time. */
export class Transport {
  readonly #agent: Agent;

  constructor({ connectTimeoutMs }: TransportOptions) {
    this.#agent = new Agent({
      // A picture takes minutes and nothing comes before it: the call's signal is the only deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: connectTimeoutMs },
      // With HTTP/2 many calls would share one connection, and all be lost with it.
      allowH2: false,
    });
  }

  /** Sends one request, once. Rejects with `TransportError`, or with the error of `body` as it is. */
  async send({ method, url, headers, body, signal }: UpstreamRequest): Promise<UpstreamResponse> {
    const { origin, pathname, search } = new URL(url);
    const sending = new Sending(body);
    try {
      const response = await this.#agent.request({
        origin,
        path: pathname + search,
        method,
        headers,
        signal,
        body: body ? Readable.from(sending) : null,
      });
      const retryAfter = response.headers['retry-after'];
      return {
        status: response.statusCode,
        retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
        body: translateErrors(response.body),
      };
    } catch (error) {
      if (sending.failure) throw sending.failure.error;
      throw new TransportError(error, sending.hasBegun);
    }
  }

  /** Closes every connection; calls that are under way fail. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** A request's body, which remembers whether it was asked for (which needs a connection) and whether it failed itself. */
class Sending {
  readonly #body: AsyncIterable<Uint8Array>;
  hasBegun = false;
  failure: { readonly error: unknown } | undefined;

  constructor(body: AsyncIterable<Uint8Array> = Readable.from([])) {
    this.#body = body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.hasBegun = true;
    try {
      yield* this.#body;
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

async function* translateErrors(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new TransportError(error, true);
  }
}

function findCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? error.name : findCode(error.cause);
}
