import { rm } from 'node:fs/promises';
import type { Failure } from '../../core/failures.ts';
import type { Clock } from '../../platform/clock.ts';
import { decodeJson, JsonDecodeError } from '../../spool/decode-json.ts';
import { encodeJson } from '../../spool/encode-json.ts';
import { SpooledString, type Spooling } from '../../spool/spooled-string.ts';
import type { ImageAnswer, ImageCall, ImageModel, UpstreamCheck } from '../image-model.ts';
import { filesOf, parseAnswer } from './answer.ts';
import {
  toDecodeFailure,
  toForeignAnswerFailure,
  toTimeoutFailure,
  toTooLargeFailure,
  toTransportFailure,
  toUnwritableFailure,
} from './call-failures.ts';
import { CallLimit } from './call-limit.ts';
import { parseErrorAnswer } from './error-answer.ts';
import { toHttpFailure } from './failures.ts';
import { toRefusalFailure } from './refusals.ts';
import { toRequestBody } from './request-body.ts';
import { Transport, TransportError, type UpstreamResponse } from './transport.ts';

export interface GoogleImageModelOptions {
  /** Scheme, host and, behind a relay, a path: e.g. `https://generativelanguage.googleapis.com`. */
  readonly baseUrl: string;
  /** `v1beta`: the `v1` of the API does not serve image models. */
  readonly apiVersion: string;
  readonly apiKey: string;
  readonly clock: Clock;
  readonly limits?: Partial<GoogleLimits>;
}

export interface GoogleLimits {
  /** Of the request's body; the upstream documents 100 MB. */
  readonly maxRequestBytes: number;
  /** Of each picture and each signature in the answer. */
  readonly maxPictureBytes: number;
  /** Of the answer's body. */
  readonly maxAnswerBytes: number;
  /** Of what stays in memory of the answer. */
  readonly maxJsonBytes: number;
  /** Of an error's body; what goes beyond is not read. */
  readonly maxErrorBytes: number;
  readonly connectTimeoutMs: number;
  readonly checkTimeoutMs: number;
}

const defaultLimits: GoogleLimits = {
  maxRequestBytes: 100_000_000,
  maxPictureBytes: 64 * 2 ** 20,
  maxAnswerBytes: 256 * 2 ** 20,
  maxJsonBytes: 4 * 2 ** 20,
  maxErrorBytes: 2 ** 20,
  connectTimeoutMs: 10_000,
  checkTimeoutMs: 10_000,
};

/**
 * The image models of Google AI Studio, by our own client of `generateContent`: both bodies stream between socket and
 * spool folder, one call is one request, and every way in which it can end is told apart. Anything that speaks the same
 * protocol will do as upstream, the sandbox among them.
 */
export class GoogleImageModel implements ImageModel {
  readonly #options: GoogleImageModelOptions;
  readonly #limits: GoogleLimits;
  readonly #transport: Transport;

  constructor(options: GoogleImageModelOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#transport = new Transport(this.#limits);
  }

  async generate(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer> {
    if (signal.aborted) return { kind: 'interrupted', possiblyBilled: false };
    const limit = new CallLimit({ signal, timeoutMs: call.timeoutMs, clock: this.#options.clock });
    try {
      return await this.#call(call, limit.signal);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (limit.cause === 'interrupted') return { kind: 'interrupted', possiblyBilled: error.isSent };
      const failure = limit.cause === 'timeout' ? toTimeoutFailure(call.timeoutMs) : toTransportFailure(error);
      return { kind: 'failed', failure, possiblyBilled: error.isSent };
    } finally {
      limit.release();
    }
  }

  async check(upstreamModel: string, signal: AbortSignal): Promise<UpstreamCheck> {
    const { checkTimeoutMs: timeoutMs } = this.#limits;
    const limit = new CallLimit({ signal, timeoutMs, clock: this.#options.clock });
    try {
      const response = await this.#transport.send({
        method: 'GET',
        url: this.#toUrl(upstreamModel),
        headers: this.#headers(),
        signal: limit.signal,
      });
      if (response.status !== 200) return { kind: 'failed', failure: await this.#readFailure(response) };
      await readText(response.body, this.#limits.maxErrorBytes);
      return { kind: 'ready' };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const isLate = limit.cause === 'timeout';
      return { kind: 'failed', failure: isLate ? toTimeoutFailure(timeoutMs) : toTransportFailure(error) };
    } finally {
      limit.release();
    }
  }

  /** Closes the connections; calls that are under way fail. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #call(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer> {
    const body = encodeJson(toRequestBody(call));
    const { maxRequestBytes } = this.#limits;
    if (body.bytes > maxRequestBytes) {
      return { kind: 'failed', failure: toTooLargeFailure(body.bytes, maxRequestBytes), possiblyBilled: false };
    }
    const response = await this.#transport.send({
      method: 'POST',
      url: `${this.#toUrl(call.upstreamModel)}:generateContent`,
      headers: {
        ...this.#headers(),
        'content-type': 'application/json',
        'content-length': String(body.bytes),
        'x-server-timeout': String(Math.ceil(call.timeoutMs / 1000)),
      },
      body: body.chunks(),
      signal,
    });
    if (response.status === 200) return this.#readAnswer(response, call.spoolFolder);
    return { kind: 'failed', failure: await this.#readFailure(response), possiblyBilled: false };
  }

  async #readAnswer(response: UpstreamResponse, folder: string): Promise<ImageAnswer> {
    const { maxAnswerBytes, maxPictureBytes, maxJsonBytes } = this.#limits;
    try {
      const limits = { maxBytes: maxAnswerBytes, maxFileBytes: maxPictureBytes, maxJsonBytes };
      return await this.#toAnswer(await decodeJson(response.body, { folder, spool: chooseSpooling, ...limits }));
    } catch (error) {
      return { kind: 'failed', failure: toReadingFailure(error), possiblyBilled: true };
    }
  }

  /** Every file that is no part of the answer is removed. */
  async #toAnswer(value: unknown): Promise<ImageAnswer> {
    const answer = parseAnswer(value);
    const hasPicture = answer?.parts.some((part) => part.kind === 'picture') ?? false;
    const kept = new Set(answer && hasPicture ? filesOf(answer.parts) : []);
    for (const path of spooledPaths(value)) if (!kept.has(path)) await rm(path);
    if (!answer) return { kind: 'failed', failure: toForeignAnswerFailure(), possiblyBilled: true };
    if (hasPicture) return { kind: 'pictures', parts: answer.parts, ...answer.facts };
    const failure = toRefusalFailure(answer.refusal, this.#options.apiKey);
    return { kind: 'failed', failure, possiblyBilled: true, ...answer.facts };
  }

  async #readFailure({ status, retryAfter, body }: UpstreamResponse): Promise<Failure> {
    const now = this.#options.clock.now();
    const text = await readText(body, this.#limits.maxErrorBytes);
    const answer = parseErrorAnswer({ status, retryAfter, body: text }, now);
    return toHttpFailure(answer, { apiKey: this.#options.apiKey, now });
  }

  #toUrl(upstreamModel: string): string {
    const { baseUrl, apiVersion } = this.#options;
    return `${baseUrl.replace(/\/+$/, '')}/${apiVersion}/models/${encodeURIComponent(upstreamModel)}`;
  }

  #headers(): Readonly<Record<string, string>> {
    return { accept: 'application/json', 'user-agent': 'darkroom', 'x-goog-api-key': this.#options.apiKey };
  }
}

function chooseSpooling(key: string): Spooling | undefined {
  switch (key) {
    case 'data':
      return 'picture';
    case 'text':
      return 'words';
    case 'thoughtSignature':
    case 'thought_signature':
      return 'spelled';
    default:
      return undefined;
  }
}

/** The failure of an answer that came and could not be read; rethrows what is none. */
function toReadingFailure(error: unknown): Failure {
  if (error instanceof JsonDecodeError) return toDecodeFailure(error);
  const isSystemError = error instanceof Error && 'syscall' in error && 'code' in error;
  if (isSystemError) return toUnwritableFailure(String(error.code));
  throw error;
}

/** What comes of an error's body: its status tells enough when the rest is too long or does not come. */
async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, maxBytes - bytes));
      bytes += chunk.length;
      if (bytes >= maxBytes) break;
    }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
  }
  return Buffer.concat(chunks).toString();
}

function spooledPaths(value: unknown): readonly string[] {
  if (value instanceof SpooledString) return [value.file.path];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(spooledPaths) : [];
}
