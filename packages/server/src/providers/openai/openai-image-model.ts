import { rm } from 'node:fs/promises';
import { decodeJson, type Spooling } from '@darkroom/json-stream';
import type { Failure } from '../../core/failures.ts';
import type { Proxies } from '../../outbound/proxies.ts';
import type { Clock } from '../../platform/clock.ts';
import { toBrokenPictureFailure, toForeignAnswerFailure, toTooLargeFailure } from '../call-failures.ts';
import type { AnswerFacts, AnswerPart, ImageAnswer, ImageCall, UpstreamCheck } from '../image-model.ts';
import { limitCall, limitCheck } from '../limited-call.ts';
import type { ConnectedModel } from '../provider.ts';
import { readText, removeSpooled, toReadingFailure } from '../read-answer.ts';
import { Transport, type UpstreamResponse } from '../transport.ts';
import { type UpstreamLimits, usualLimits } from '../upstream-limits.ts';
import { toSafeText } from '../upstream-text.ts';
import { type GivenPicture, type OpenaiAnswer, parseAnswer } from './answer.ts';
import { findInnerError, parseErrorAnswer } from './error-answer.ts';
import { isPossiblyCharged, toHttpFailure, toNoImageFailure } from './failures.ts';
import { ForeignPictureError, fetchPicture } from './fetch-picture.ts';
import { describeMissingModel, listsModel } from './model-list.ts';
import { toRequestBody } from './request-body.ts';

export interface OpenaiImageModelOptions {
  /** With its version, as all clients of OpenAI take it: e.g. `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly clock: Clock;
  /** Missing: every call goes directly. */
  readonly proxies?: Proxies | undefined;
  readonly limits?: Partial<UpstreamLimits>;
}

const defaultLimits: UpstreamLimits = { ...usualLimits, maxRequestBytes: 200_000_000 };

/**
 * OpenAI's images calls, `generations` and `edits`, or any engine that answers them. Both bodies stream between socket and spool
 * folder, and one call is one request for one picture.
 */
export class OpenaiImageModel implements ConnectedModel {
  readonly #options: OpenaiImageModelOptions;
  readonly #limits: UpstreamLimits;
  readonly #transport: Transport;

  constructor(options: OpenaiImageModelOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#transport = new Transport({ ...this.#limits, proxies: options.proxies });
  }

  async generate(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer> {
    const { clock } = this.#options;
    return limitCall({ signal, timeoutMs: call.timeoutMs, clock }, (limited) => this.#call(call, limited));
  }

  async check(upstreamModel: string, signal: AbortSignal): Promise<UpstreamCheck> {
    const { clock } = this.#options;
    const { checkTimeoutMs: timeoutMs, maxTextBytes } = this.#limits;
    return limitCheck({ signal, timeoutMs, clock }, async (limited) => {
      const request = { url: this.#toUrl('/models'), headers: this.#headers(), signal: limited };
      const response = await this.#transport.send({ method: 'GET', ...request });
      if (response.status !== 200) return { kind: 'failed', failure: await this.#readFailure(response) };
      const list = await readText(response.body, maxTextBytes);
      if (listsModel(list, upstreamModel)) return { kind: 'ready' };
      const message = describeMissingModel(list, upstreamModel);
      return { kind: 'failed', failure: { code: 'upstream_model_unavailable', message, upstreamStatus: 200 } };
    });
  }

  /** Closes the connections; calls under way fail. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #call(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer> {
    const body = toRequestBody(call);
    const { maxRequestBytes } = this.#limits;
    if (body.bytes > maxRequestBytes) {
      return { kind: 'failed', failure: toTooLargeFailure(body.bytes, maxRequestBytes), isPossiblyBilled: false };
    }
    const response = await this.#transport.send({
      method: 'POST',
      url: this.#toUrl(body.path),
      headers: { ...this.#headers(), 'content-type': body.contentType, 'content-length': String(body.bytes) },
      body: body.chunks(),
      signal,
    });
    call.onAnswer?.();
    if (response.status === 200) return this.#readAnswer(response, call.spoolFolder, signal);
    const failure = await this.#readFailure(response);
    return { kind: 'failed', failure, isPossiblyBilled: isPossiblyCharged(failure), ...toResponseId(response) };
  }

  async #readAnswer(response: UpstreamResponse, folder: string, signal: AbortSignal): Promise<ImageAnswer> {
    const { maxAnswerBytes, maxPictureBytes, maxJsonBytes } = this.#limits;
    try {
      const limits = { maxBytes: maxAnswerBytes, maxFileBytes: maxPictureBytes, maxJsonBytes };
      const value = await decodeJson(response.body, { folder, spool: chooseSpooling, ...limits });
      return await this.#takeAnswer(value, { folder, signal, facts: toResponseId(response) });
    } catch (error) {
      return { kind: 'failed', failure: toReadingFailure(error), isPossiblyBilled: true };
    }
  }

  /** Removes every file that is not part of the answer. */
  async #takeAnswer(value: unknown, context: AnswerContext): Promise<ImageAnswer> {
    const answer = parseAnswer(value);
    const facts = { ...context.facts, ...(answer?.usage && { usage: answer.usage }) };
    let kept: readonly string[] = [];
    try {
      const parts = answer ? await this.#takeParts(answer, context) : [];
      if (parts.length === 0) return { kind: 'failed', ...facts, ...this.#toPictureless(value, answer) };
      kept = parts.map(({ file }) => file.path);
      return { kind: 'pictures', parts, ...facts };
    } catch (error) {
      if (!(error instanceof ForeignPictureError)) throw error;
      const failure = { code: 'upstream_answer_invalid', message: error.message, upstreamStatus: 200 } as const;
      return { kind: 'failed', ...facts, failure, isPossiblyBilled: true };
    } finally {
      await removeSpooled(value, kept);
    }
  }

  async #takeParts({ pictures, mimeType }: OpenaiAnswer, context: AnswerContext): Promise<readonly PicturePart[]> {
    const parts: PicturePart[] = [];
    try {
      for (const picture of pictures) {
        const part = await this.#takePicture(picture, { ...context, mimeType });
        if (part) parts.push(part);
      }
      return parts;
    } catch (error) {
      for (const { file } of parts) await rm(file.path, { force: true });
      throw error;
    }
  }

  async #takePicture(
    picture: GivenPicture,
    { folder, signal, mimeType = 'image/png' }: AnswerContext & { readonly mimeType: string | undefined },
  ): Promise<PicturePart | undefined> {
    switch (picture.kind) {
      case 'broken':
        return undefined;
      case 'file':
        return { kind: 'picture', file: picture.data.file, declaredMimeType: picture.data.mimeType ?? mimeType };
      case 'url': {
        const { baseUrl } = this.#options;
        const { maxPictureBytes: maxBytes } = this.#limits;
        const request = { baseUrl, headers: this.#headers(), signal, transport: this.#transport };
        const file = await fetchPicture(picture.url, { ...request, folder, maxBytes });
        return { kind: 'picture', file, declaredMimeType: mimeType };
      }
    }
  }

  /** The error counts as if its status had been the HTTP status. */
  #toPictureless(value: unknown, answer: OpenaiAnswer | undefined): Pick<FailedAnswer, 'failure' | 'isPossiblyBilled'> {
    const error = findInnerError(value);
    if (error) {
      const failure = toHttpFailure(error, this.#options.apiKey);
      return { failure, isPossiblyBilled: isPossiblyCharged(failure) };
    }
    if (!answer) return { failure: toForeignAnswerFailure(), isPossiblyBilled: true };
    const isBroken = answer.pictures.some(({ kind }) => kind === 'broken');
    return { failure: isBroken ? toBrokenPictureFailure() : toNoImageFailure(), isPossiblyBilled: true };
  }

  async #readFailure({ status, header, body }: UpstreamResponse): Promise<Failure> {
    const { apiKey, clock } = this.#options;
    const text = await readText(body, this.#limits.maxTextBytes);
    return toHttpFailure(parseErrorAnswer({ status, header, body: text }, clock.now()), apiKey);
  }

  #toUrl(path: string): string {
    return `${this.#options.baseUrl.replace(/\/+$/, '')}${path}`;
  }

  #headers(): Readonly<Record<string, string>> {
    return { accept: 'application/json', 'user-agent': 'darkroom', authorization: `Bearer ${this.#options.apiKey}` };
  }
}

interface AnswerContext {
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly facts: AnswerFacts;
}

type FailedAnswer = Extract<ImageAnswer, { readonly kind: 'failed' }>;
type PicturePart = Extract<AnswerPart, { readonly kind: 'picture' }>;

const maxIdLength = 200;

function toResponseId({ header }: UpstreamResponse): Pick<AnswerFacts, 'responseId'> {
  const id = toSafeText(header('x-request-id')?.trim() ?? '', maxIdLength);
  return id === '' ? {} : { responseId: id };
}

function chooseSpooling(key: string): Spooling | undefined {
  return key === 'b64_json' ? 'picture' : undefined;
}
