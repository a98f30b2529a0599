import { Readable } from 'node:stream';
import type { Failure } from '../../../core/failures.ts';
import { toTimeoutFailure, toTransportFailure } from '../../call-failures.ts';
import { CallLimit } from '../../call-limit.ts';
import { type Transport, TransportError, type UpstreamResponse } from '../../transport.ts';
import type { GoogleService } from '../google-service.ts';
import { type Access, AccessError } from '../google-service.ts';
import { toJsonHeaders, usualHeaders } from '../headers.ts';
import { type Reading, readFailure } from '../take-answer.ts';

/** A service whose own resources can be used. */
export type RootedService = GoogleService & Required<Pick<GoogleService, 'toRootUrl'>>;

export interface GoogleClientOptions extends Reading {
  readonly service: RootedService;
  readonly transport: Transport;
}

export interface GoogleRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text, or bytes that are streamed. */
  readonly body?: string | AsyncIterable<Uint8Array>;
}

export interface Answered {
  readonly response: UpstreamResponse;
  readonly access: Access;
}

/** Something went wrong that is not an answer. */
export interface CallFailure {
  readonly failure: Failure;
  /** Did the request begin to go out? */
  readonly isSent: boolean;
}

/** Sends single requests to the API's own resources, with its credentials. */
export class GoogleClient {
  readonly #options: GoogleClientOptions;

  constructor(options: GoogleClientOptions) {
    this.#options = options;
  }

  get reading(): Reading {
    return this.#options;
  }

  toRootUrl(prefix?: string): string {
    return this.#options.service.toRootUrl(prefix);
  }

  /** Rejects with `AccessError` or `TransportError`; `within` turns them into failures. */
  async send({ method, url, headers, body }: GoogleRequest, signal: AbortSignal): Promise<Answered> {
    const access = await this.#options.service.authorize(signal);
    const isText = typeof body === 'string';
    const response = await this.#options.transport.send({
      method,
      url,
      headers: {
        ...usualHeaders,
        ...access.headers,
        ...(isText && toJsonHeaders(Buffer.byteLength(body))),
        ...headers,
      },
      ...(body !== undefined && { body: isText ? Readable.from([Buffer.from(body)]) : body }),
      signal,
    });
    return { response, access };
  }

  /** The failure that an answer with an HTTP error means. */
  toFailure({ response, access }: Answered): Promise<Failure> {
    return readFailure(response, access, this.#options);
  }

  /** Does the work within its time. What ends it early becomes what `onFailure` makes of it. */
  async within<T>(
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
    work: (signal: AbortSignal) => Promise<T>,
    onFailure: (failure: CallFailure) => T,
  ): Promise<T> {
    const limit = new CallLimit({ signal, timeoutMs, clock: this.#options.clock });
    try {
      return await work(limit.signal);
    } catch (error) {
      if (error instanceof AccessError) return onFailure({ failure: error.failure, isSent: false });
      if (!(error instanceof TransportError)) throw error;
      const isLate = limit.cause === 'timeout';
      return onFailure({
        failure: isLate ? toTimeoutFailure(timeoutMs) : toTransportFailure(error),
        isSent: error.isSent,
      });
    } finally {
      limit.release();
    }
  }
}
