import { Readable } from 'node:stream';
import { decodeJson, encodeJson, type Spooling } from '@darkroom/json-stream';
import type { Failure } from '../../core/failures.ts';
import type { Proxies } from '../../outbound/proxies.ts';
import type { Clock } from '../../platform/clock.ts';
import { toBrokenPictureFailure, toForeignAnswerFailure, toTooLargeFailure } from '../call-failures.ts';
import type { AnswerPart, ImageAnswer, ImageCall, ImageModel, UpstreamCheck } from '../image-model.ts';
import { limitCall, limitCheck } from '../limited-call.ts';
import { readText, removeSpooled, toReadingFailure } from '../read-answer.ts';
import { Transport, type UpstreamResponse } from '../transport.ts';
import { type UpstreamLimits, usualLimits } from '../upstream-limits.ts';
import { type GoogleAnswer, parseAnswer } from './answer.ts';
import { filesOf, type TakenParts, takeParts } from './answer-parts.ts';
import { findInnerError, parseErrorAnswer } from './error-answer.ts';
import { toHttpFailure } from './failures.ts';
import { type Access, AccessError, type GoogleService } from './google-service.ts';
import { isFinished, toRefusalFailure } from './refusals.ts';

export interface GoogleImageModelOptions {
  readonly service: GoogleService;
  readonly clock: Clock;
  /** Missing: every call goes directly. */
  readonly proxies?: Proxies | undefined;
  readonly limits?: Partial<UpstreamLimits>;
}

/** Google documents 100 MB for a request. */
const defaultLimits: UpstreamLimits = { ...usualLimits, maxRequestBytes: 100_000_000 };

/**
 * Google's image models, through our own client of `generateContent`. Both bodies stream between socket and spool folder, one call
 * is one request, and every way in which it can end is distinguished. Any service that speaks the same protocol can be the upstream,
 * such as the sandbox.
 */
export class GoogleImageModel implements ImageModel {
  readonly #options: GoogleImageModelOptions;
  readonly #limits: UpstreamLimits;
  readonly #transport: Transport;

  constructor(options: GoogleImageModelOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#transport = new Transport({ ...this.#limits, proxies: options.proxies });
  }

  async generate(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer> {
    const { clock } = this.#options;
    return limitCall({ signal, timeoutMs: call.timeoutMs, clock }, (limited) =>
      this.#call(call, limited).catch((error: unknown) => {
        if (!(error instanceof AccessError)) throw error;
        return { kind: 'failed', failure: error.failure, isPossiblyBilled: false };
      }),
    );
  }

  async check(upstreamModel: string, signal: AbortSignal): Promise<UpstreamCheck> {
    const { clock } = this.#options;
    return limitCheck({ signal, timeoutMs: this.#limits.checkTimeoutMs, clock }, (limited) =>
      this.#check(upstreamModel, limited).catch((error: unknown) => {
        if (!(error instanceof AccessError)) throw error;
        return { kind: 'failed', failure: error.failure };
      }),
    );
  }

  /** Closes the connections; calls under way fail. */
  async close(): Promise<void> {
    await Promise.all([this.#transport.close(), this.#options.service.close()]);
  }

  async #check(upstreamModel: string, signal: AbortSignal): Promise<UpstreamCheck> {
    const { service } = this.#options;
    const access = await service.authorize(signal);
    const { method, url, body } = service.toCheck(upstreamModel);
    const headers = {
      ...usualHeaders,
      ...access.headers,
      ...(body !== undefined && toJsonHeaders(Buffer.byteLength(body))),
    };
    const sent = body === undefined ? {} : { body: Readable.from([Buffer.from(body)]) };
    const response = await this.#transport.send({ method, url, headers, ...sent, signal });
    if (response.status !== 200) return { kind: 'failed', failure: await this.#readFailure(response, access) };
    await readText(response.body, this.#limits.maxTextBytes);
    return { kind: 'ready' };
  }

  async #call(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer> {
    const { service } = this.#options;
    const body = encodeJson(service.toBody(call));
    const { maxRequestBytes } = this.#limits;
    if (body.bytes > maxRequestBytes) {
      return { kind: 'failed', failure: toTooLargeFailure(body.bytes, maxRequestBytes), isPossiblyBilled: false };
    }
    const access = await service.authorize(signal);
    const response = await this.#transport.send({
      method: 'POST',
      url: `${service.toModelUrl(call.upstreamModel)}:generateContent`,
      headers: {
        ...usualHeaders,
        ...access.headers,
        ...service.toTierHeaders?.(call.serviceTier),
        ...toJsonHeaders(body.bytes),
        'x-server-timeout': String(Math.ceil(call.timeoutMs / 1000)),
      },
      body: body.chunks(),
      signal,
    });
    if (response.status === 200) return this.#readAnswer(response, { folder: call.spoolFolder, access });
    return { kind: 'failed', failure: await this.#readFailure(response, access), isPossiblyBilled: false };
  }

  async #readAnswer(response: UpstreamResponse, { folder, access }: Called): Promise<ImageAnswer> {
    const { maxAnswerBytes, maxPictureBytes, maxJsonBytes } = this.#limits;
    try {
      const limits = { maxBytes: maxAnswerBytes, maxFileBytes: maxPictureBytes, maxJsonBytes };
      const value = await decodeJson(response.body, { folder, spool: chooseSpooling, ...limits });
      return await this.#takeAnswer(value, { folder, access, retryAfter: response.header('retry-after') });
    } catch (error) {
      return { kind: 'failed', failure: toReadingFailure(error), isPossiblyBilled: true };
    }
  }

  /** Removes every file that is not part of the answer. */
  async #takeAnswer(value: unknown, { folder, access, retryAfter }: AnswerContext): Promise<ImageAnswer> {
    const answer = parseAnswer(value);
    let kept: readonly AnswerPart[] = [];
    try {
      const options = { folder, maxFileBytes: this.#limits.maxPictureBytes };
      const taken = answer && (await takeParts(answer.parts, { ...options, finishReason: answer.facts.finishReason }));
      if (taken?.parts.some((part) => part.kind === 'picture')) {
        kept = taken.parts;
        return { kind: 'pictures', parts: kept, ...answer?.facts };
      }
      return { kind: 'failed', ...answer?.facts, ...this.#toFailed({ value, answer, taken, access, retryAfter }) };
    } finally {
      await removeSpooled(value, filesOf(kept));
    }
  }

  /** The error counts as if its status had been the HTTP status: it comes before any work, and it is free. */
  #toFailed({
    value,
    answer,
    taken,
    access: { secret },
    retryAfter,
  }: PicturelessAnswer): Pick<FailedAnswer, 'failure' | 'isPossiblyBilled'> {
    const { service, clock } = this.#options;
    const now = clock.now();
    const error = findInnerError(value, retryAfter, now);
    if (error)
      return { failure: toHttpFailure(error, { secret, now, rows: service.failureRows }), isPossiblyBilled: false };
    if (!answer || !taken) return { failure: toForeignAnswerFailure(), isPossiblyBilled: true };
    const isBroken =
      taken.isBroken && answer.refusal.blockReason === undefined && isFinished(answer.refusal.finishReason);
    if (isBroken) return { failure: toBrokenPictureFailure(), isPossiblyBilled: true };
    const text = taken.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    return { failure: toRefusalFailure({ ...answer.refusal, text }, secret), isPossiblyBilled: true };
  }

  async #readFailure({ status, header, body }: UpstreamResponse, { secret, discard }: Access): Promise<Failure> {
    const { service, clock } = this.#options;
    const now = clock.now();
    if (status === 401) discard?.();
    const text = await readText(body, this.#limits.maxTextBytes);
    const answer = parseErrorAnswer({ status, retryAfter: header('retry-after'), body: text }, now);
    return toHttpFailure(answer, { secret, now, rows: service.failureRows });
  }
}

const usualHeaders = { accept: 'application/json', 'user-agent': 'darkroom' };

function toJsonHeaders(bytes: number) {
  return { 'content-type': 'application/json', 'content-length': String(bytes) };
}

interface Called {
  readonly folder: string;
  readonly access: Access;
}

interface AnswerContext extends Called {
  readonly retryAfter: string | undefined;
}

type FailedAnswer = Extract<ImageAnswer, { readonly kind: 'failed' }>;

interface PicturelessAnswer extends Pick<AnswerContext, 'access' | 'retryAfter'> {
  readonly value: unknown;
  readonly answer: GoogleAnswer | undefined;
  readonly taken: TakenParts | undefined;
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
