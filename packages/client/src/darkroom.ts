import type {
  AttemptList,
  Me,
  ModelDetail,
  ModelList,
  PayloadInput,
  RequestList,
  RequestLog,
  RequestRecord,
  RequestStatus,
  SubmitReply,
  SuccessOutcomeRecord,
  UploadReply,
  UsageGroup,
  UsageReport,
} from '@darkroom/protocol';
import { uploadTypes } from '@darkroom/protocol';
import {
  type Call,
  type CallOptions,
  createSend,
  type DarkroomOptions,
  defaultMaxRetries,
  type Send,
  toCall,
  toError,
  toQuery,
} from './call.ts';
import { RequestFailedError } from './darkroom-error.ts';
import { type EventsOptions, followEvents, type RequestEvent, type StatusEvent } from './event-stream.ts';
import { pause } from './pause.ts';
import { sendWithRetries } from './send-with-retries.ts';
import { type Submission, type SubmissionOptions, toSubmitMessage } from './submission.ts';
import { findUploadType, toBlob, type UploadOptions, type UploadSource } from './upload.ts';
import { Webhooks } from './webhooks.ts';

export interface FilterOptions {
  readonly model?: string;
  readonly status?: RequestStatus;
  /** Only requests whose prompt holds it; capital and small ASCII letters are the same. */
  readonly text?: string;
  /** Only those made at this Unix second or later. */
  readonly createdFrom?: number;
  /** Only those made before this Unix second. */
  readonly createdBefore?: number;
}

export interface ListOptions extends FilterOptions {
  /** 1 to 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface UsageOptions {
  /** The first day, `YYYY-MM-DD` in UTC; the first of the month of `to` when left out. */
  readonly from?: string;
  /** The last day, which counts; today when left out. */
  readonly to?: string;
  /** Sums up by this alone; without it there is a row for each day, model and key. */
  readonly groupBy?: UsageGroup;
}

export interface WaitOptions extends CallOptions {
  /** The server answers at the end of the request, or after so many seconds (1 to 600) with how it is; 20 when left out. */
  readonly lookEverySeconds?: number;
  /** Told every record that was read, the last one included. */
  readonly onRecord?: (record: RequestRecord) => void;
}

export interface GenerateOptions extends SubmissionOptions, WaitOptions {
  /** Told as soon as the request stands in the queue. */
  readonly onSubmit?: (reply: SubmitReply) => void;
}

/** A request that has its pictures. */
export type SucceededRequest = RequestRecord & { readonly status: 'success'; readonly outcome: SuccessOutcomeRecord };

const wire = '/api/v1/ie/requestqueue/apikey';
const finalStatuses: ReadonlySet<RequestStatus> = new Set(['success', 'failed', 'cancelled']);

/**
 * The client of one Darkroom server. Every method throws a `DarkroomError` when the server refuses the call. What can be
 * sent again without harm is, when the line breaks or the server asks to come back.
 */
export class Darkroom {
  readonly webhooks: Webhooks;
  readonly #send: Send;
  readonly #call: Call;
  readonly #options: DarkroomOptions;

  constructor(options: DarkroomOptions) {
    this.#options = options;
    this.#send = createSend(options, wire);
    this.#call = toCall(this.#send);
    this.webhooks = new Webhooks(this.#call);
  }

  submit(submission: Submission, options: CallOptions = {}): Promise<SubmitReply> {
    return this.#call('POST', '/requests', { ...options, ...toSubmitMessage(submission) });
  }

  /**
   * Submits and waits for the pictures. Throws a `RequestFailedError` when the request ends without any. When `signal`
   * aborts, the request is cancelled as well.
   */
  async generate(prompt: string | PayloadInput, options: GenerateOptions = {}): Promise<SucceededRequest> {
    const { signal, lookEverySeconds, onRecord, onSubmit, ...submission } = options;
    const payload = toPayload(prompt);
    const submitted = await this.submit({ ...submission, payload }, { ...(signal && { signal }) });
    onSubmit?.(submitted);
    try {
      const record = await this.wait(submitted.request_id, {
        ...(signal && { signal }),
        ...(lookEverySeconds !== undefined && { lookEverySeconds }),
        ...(onRecord && { onRecord }),
      });
      if (!isSucceeded(record)) throw new RequestFailedError(record);
      return record;
    } catch (error) {
      // Nobody is left to look at the picture; should the server not hear of it, the picture is made and kept.
      if (signal?.aborted)
        await this.cancel(submitted.request_id, { signal: AbortSignal.timeout(cancelMs) }).catch(() => undefined);
      throw error;
    }
  }

  /** Changes the picture of an earlier request: `generate` with that request as the one before. */
  edit(requestId: string, prompt: string | PayloadInput, options: GenerateOptions = {}): Promise<SucceededRequest> {
    return this.generate({ ...toPayload(prompt), previous_request_id: requestId }, options);
  }

  status(requestId: string, options: CallOptions = {}): Promise<RequestRecord> {
    return this.#call('GET', toPath(requestId), options);
  }

  /** A page. With `text` it may have fewer than `limit`, or none, and `has_more` all the same: go on with `next_cursor`. */
  list(
    { model, createdFrom, createdBefore, ...given }: ListOptions = {},
    options: CallOptions = {},
  ): Promise<RequestList> {
    const { status, text, limit, cursor } = given;
    const filters = { model_id: model, status, text, created_from: createdFrom, created_before: createdBefore };
    return this.#call('GET', `/requests${toQuery({ ...filters, limit, cursor })}`, options);
  }

  /** Every request that fits, newest first, read a page at a time as it is asked for. */
  async *listAll(
    filter: FilterOptions = {},
    options: CallOptions = {},
  ): AsyncGenerator<RequestRecord, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.list({ ...filter, limit: 100, ...(cursor !== undefined && { cursor }) }, options);
      yield* page.requests;
      cursor = page.next_cursor;
    } while (cursor !== undefined);
  }

  /**
   * What happens to a request, as it happens, from the first event on, until the `end`. Goes on by itself when the line
   * breaks: no event but `queue` and `progress` is left out or told twice.
   */
  events(requestId: string, options: EventsOptions = {}): AsyncGenerator<RequestEvent, void, undefined> {
    return followEvents(this.#send, `${toPath(requestId)}/events`, options);
  }

  /** Every change of status of the organization's requests from now on, without end; goes on when the line breaks. */
  async *watch(options: EventsOptions = {}): AsyncGenerator<StatusEvent, void, undefined> {
    for await (const event of followEvents(this.#send, '/events', options)) if (event.kind === 'status') yield event;
  }

  /** What has become of a request so far, in sentences. */
  logs(requestId: string, options: CallOptions = {}): Promise<RequestLog> {
    return this.#call('GET', `${toPath(requestId)}/logs`, options);
  }

  /** Cancels a request that has not ended; one that has stays as it is. Resolves to the record as it is then. */
  cancel(requestId: string, options: CallOptions = {}): Promise<RequestRecord> {
    return this.#call('POST', `${toPath(requestId)}/cancel`, { ...options, isRepeatable: true });
  }

  /** Every call of an upstream that was made for the request. */
  attempts(requestId: string, options: CallOptions = {}): Promise<AttemptList> {
    return this.#call('GET', `${toPath(requestId)}/attempts`, options);
  }

  /** What the organization has spent. */
  usage({ from, to, groupBy }: UsageOptions = {}, options: CallOptions = {}): Promise<UsageReport> {
    return this.#call('GET', `/usage${toQuery({ from, to, group_by: groupBy })}`, options);
  }

  /** Which key this client calls with, and what it may do. */
  me(options: CallOptions = {}): Promise<Me> {
    return this.#call('GET', '/me', options);
  }

  models(options: CallOptions = {}): Promise<ModelList> {
    return this.#call('GET', '/models', options);
  }

  model(id: string, options: CallOptions = {}): Promise<ModelDetail> {
    return this.#call('GET', `/models/${encodeURIComponent(id)}`, options);
  }

  /** Uploads a reference picture of at most 7 MB; resolves to the URL that can stand in `payload.image`. */
  async upload(source: UploadSource, { type, signal }: UploadOptions = {}): Promise<string> {
    const picture = toBlob(source);
    const fileType = type ?? (await findUploadType(picture));
    const message = { body: { file_type: fileType }, isRepeatable: true, ...(signal && { signal }) };
    const grant: UploadReply = await this.#call('POST', '/upload-url', message);
    const headers = { 'content-type': uploadTypes[fileType] };
    await this.#fetch(grant.upload_url, { method: 'PUT', headers, body: picture }, signal);
    return grant.public_url;
  }

  /** Reads a picture at its URL. */
  download(url: string, { signal }: CallOptions = {}): Promise<Response> {
    return this.#fetch(url, {}, signal);
  }

  /** Resolves to the record when the request has ended, whatever its end; the server holds each call until then. */
  async wait(requestId: string, { signal, lookEverySeconds = 20, onRecord }: WaitOptions = {}): Promise<RequestRecord> {
    const message = { headers: { prefer: `wait=${lookEverySeconds}` }, ...(signal && { signal }) };
    for (;;) {
      const calledAt = Date.now();
      const record: RequestRecord = await this.#call('GET', toPath(requestId), message);
      onRecord?.(record);
      if (finalStatuses.has(record.status)) return record;
      // Something between here and Darkroom may drop the preference: then this polls, and does not run hot.
      if (Date.now() - calledAt < leastPauseMs) await pause(leastPauseMs, signal);
    }
  }

  /** For addresses that need no key, which may be of another host. */
  async #fetch(url: string, request: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    const { fetch: send = fetch, maxRetries = defaultMaxRetries } = this.#options;
    const attempt = () => send(url, { ...request, ...(signal && { signal }) });
    const response = await sendWithRetries(attempt, { maxRetries, isRepeatable: true, signal });
    if (!response.ok) throw await toError(response);
    return response;
  }
}

const leastPauseMs = 500;
/** Who has aborted is not kept waiting for longer. */
const cancelMs = 5_000;

function toPath(requestId: string): string {
  return `/requests/${encodeURIComponent(requestId)}`;
}

function toPayload(prompt: string | PayloadInput): PayloadInput {
  return typeof prompt === 'string' ? { prompt } : prompt;
}

function isSucceeded(record: RequestRecord): record is SucceededRequest {
  return record.status === 'success';
}
