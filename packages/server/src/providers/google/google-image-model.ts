import { Readable } from 'node:stream';
import { encodeJson } from '@darkroom/json-stream';
import type { Proxies } from '../../outbound/proxies.ts';
import type { Clock } from '../../platform/clock.ts';
import type { BatchingModel, BatchModel } from '../batch-model.ts';
import { toTooLargeFailure } from '../call-failures.ts';
import type { ImageAnswer, ImageCall, UpstreamCheck } from '../image-model.ts';
import { limitCall, limitCheck } from '../limited-call.ts';
import { readText, toReadingFailure } from '../read-answer.ts';
import { Transport, type UpstreamResponse } from '../transport.ts';
import { type UpstreamLimits, usualLimits } from '../upstream-limits.ts';
import { createGoogleBatches } from './batch/google-batches.ts';
import { type Access, AccessError, type GoogleService } from './google-service.ts';
import { toJsonHeaders, usualHeaders } from './headers.ts';
import { decodeAnswer, type Reading, readFailure, takeAnswer } from './take-answer.ts';

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
export class GoogleImageModel implements BatchingModel {
  readonly #options: GoogleImageModelOptions;
  readonly #limits: UpstreamLimits;
  readonly #transport: Transport;
  readonly #reading: Reading;
  readonly batches: BatchModel | undefined;

  constructor(options: GoogleImageModelOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#transport = new Transport({ ...this.#limits, proxies: options.proxies });
    const { service, clock } = options;
    this.#reading = { service, clock, limits: this.#limits };
    this.batches = createGoogleBatches({ service, clock, limits: this.#limits, transport: this.#transport });
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
    if (response.status !== 200) return { kind: 'failed', failure: await readFailure(response, access, this.#reading) };
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
    call.onAnswer?.();
    if (response.status === 200) return this.#readAnswer(response, { folder: call.spoolFolder, access });
    return { kind: 'failed', failure: await readFailure(response, access, this.#reading), isPossiblyBilled: false };
  }

  async #readAnswer(response: UpstreamResponse, { folder, access }: Called): Promise<ImageAnswer> {
    const { maxAnswerBytes: maxBytes, maxJsonBytes } = this.#limits;
    try {
      const value = await decodeAnswer(response.body, { folder, maxBytes, maxJsonBytes }, this.#reading);
      const context = { folder, secret: access.secret, retryAfter: response.header('retry-after') };
      return await takeAnswer(value, context, this.#reading);
    } catch (error) {
      return { kind: 'failed', failure: toReadingFailure(error), isPossiblyBilled: true };
    }
  }
}

interface Called {
  readonly folder: string;
  readonly access: Access;
}
