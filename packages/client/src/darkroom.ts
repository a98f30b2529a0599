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
import type { PayloadInput } from './payload.ts';
import { followUpdates, type QueueUpdate } from './queue-updates.ts';
import { readPicture } from './read-picture.ts';
import { sendWithRetries } from './send-with-retries.ts';
import {
  type AttemptList,
  type DeletedRequest,
  type Me,
  type MediaUrl,
  type ModelDetail,
  type ModelList,
  type RequestList,
  type RequestLog,
  type RequestRecord,
  type RequestStatus,
  type SubmitReply,
  type SuccessOutcomeRecord,
  type UploadReply,
  type UsageGroup,
  type UsageReport,
  uploadTypes,
} from './shapes.ts';
import { type Submission, type SubmissionOptions, toSubmitMessage } from './submission.ts';
import { findUploadType, toBlob, type UploadOptions, type UploadSource } from './upload.ts';
import { Webhooks } from './webhooks.ts';

export interface FilterOptions {
  readonly model?: string;
  readonly status?: RequestStatus;
  /** Only requests whose prompt contains this text. Upper-case and lower-case ASCII letters are the same. */
  readonly text?: string;
  /** Only requests made at this Unix second or later. */
  readonly createdFrom?: number;
  /** Only requests made before this Unix second. */
  readonly createdBefore?: number;
}

export interface ListOptions extends FilterOptions {
  /** 1 to 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface UsageOptions {
  /** The first day, `YYYY-MM-DD` in UTC. Default: the first day of the month of `to`. */
  readonly from?: string;
  /** The last day, inclusive. Default: today. */
  readonly to?: string;
  /** Groups the rows by this only. Default: one row for each day, model and key. */
  readonly groupBy?: UsageGroup;
}

export interface WaitOptions extends CallOptions {
  /**
   * The server answers when the request ends, or after this many seconds (1 to 600) with its current state. Default: 20.
   */
  readonly lookEverySeconds?: number;
  /** Called with every record that was read, including the last one. */
  readonly onRecord?: (record: RequestRecord) => void;
  /**
   * Called whenever the request moves: its position in the queue, its progress, its end. The wait then follows the events of the
   * request, and reads one record, the last.
   */
  readonly onQueueUpdate?: (update: QueueUpdate) => void;
  /** Should updates have the log of the request? It is one more call for each thing that happens. Default: `false`. */
  readonly logs?: boolean;
}

export interface GenerateOptions extends SubmissionOptions, WaitOptions {
  /** Called as soon as the request is in the queue. */
  readonly onSubmit?: (reply: SubmitReply) => void;
}

/** A picture to read: its URL, or an entry of `outcome.media_urls`. */
export type PictureSource = string | Pick<MediaUrl, 'url'>;

/** A request that has its pictures. */
export type SucceededRequest = RequestRecord & { readonly status: 'success'; readonly outcome: SuccessOutcomeRecord };

const wire = '/api/v1/ie/requestqueue/apikey';
const finalStatuses: ReadonlySet<RequestStatus> = new Set(['success', 'failed', 'cancelled']);

/**
 * The client of one Darkroom server. Every method throws a `DarkroomError` when the server refuses the call. Calls that are
 * safe to repeat are retried when the connection breaks or the server asks to try again later.
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
   * Submits a request and waits for its pictures. Throws a `RequestFailedError` when the request ends without one. When
   * `signal` aborts, the request is cancelled.
   */
  async generate(prompt: string | PayloadInput, options: GenerateOptions = {}): Promise<SucceededRequest> {
    const { signal, onSubmit } = options;
    const submitted = await this.submit({ ...options, payload: toPayload(prompt) }, { ...(signal && { signal }) });
    onSubmit?.(submitted);
    try {
      const record = await this.wait(submitted.request_id, options);
      if (!isSucceeded(record)) throw new RequestFailedError(record);
      return record;
    } catch (error) {
      // No one waits for the picture any more. If this call does not reach the server, the picture is made and kept.
      if (signal?.aborted)
        await this.cancel(submitted.request_id, { signal: AbortSignal.timeout(cancelMs) }).catch(() => undefined);
      throw error;
    }
  }

  /** Changes the picture of an earlier request: `generate` with that request as `previous_request_id`. */
  edit(requestId: string, prompt: string | PayloadInput, options: GenerateOptions = {}): Promise<SucceededRequest> {
    return this.generate({ ...toPayload(prompt), previous_request_id: requestId }, options);
  }

  status(requestId: string, options: CallOptions = {}): Promise<RequestRecord> {
    return this.#call('GET', toPath(requestId), options);
  }

  /** A page. With `text` it may have fewer than `limit`, or none, and still `has_more`: continue with `next_cursor`. */
  list(
    { model, createdFrom, createdBefore, ...given }: ListOptions = {},
    options: CallOptions = {},
  ): Promise<RequestList> {
    const { status, text, limit, cursor } = given;
    const filters = { model_id: model, status, text, created_from: createdFrom, created_before: createdBefore };
    return this.#call('GET', `/requests${toQuery({ ...filters, limit, cursor })}`, options);
  }

  /** All matching requests, newest first. Each page is read when it is needed. */
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
   * The events of a request as they happen, from the first one until the `end`. Reconnects when the connection breaks. Only
   * `queue` and `progress` events can then be missing or repeated.
   */
  events(requestId: string, options: EventsOptions = {}): AsyncGenerator<RequestEvent, void, undefined> {
    return followEvents(this.#send, `${toPath(requestId)}/events`, options);
  }

  /** Every status change of the organization's requests from now on, without end. Reconnects when the connection breaks. */
  async *watch(options: EventsOptions = {}): AsyncGenerator<StatusEvent, void, undefined> {
    for await (const event of followEvents(this.#send, '/events', options)) if (event.kind === 'status') yield event;
  }

  /** What has happened to a request so far, in sentences. */
  logs(requestId: string, options: CallOptions = {}): Promise<RequestLog> {
    return this.#call('GET', `${toPath(requestId)}/logs`, options);
  }

  /** Cancels a request. A request that has ended does not change. Resolves to the record afterwards. */
  cancel(requestId: string, options: CallOptions = {}): Promise<RequestRecord> {
    return this.#call('POST', `${toPath(requestId)}/cancel`, { ...options, isRepeatable: true });
  }

  /**
   * Deletes a request that has ended, with its pictures: they are gone when this resolves, and their URLs answer 410. Resolves to
   * what is left of it, also when it was deleted before. A request that is open is refused with `request_open`: cancel it first.
   */
  delete(requestId: string, options: CallOptions = {}): Promise<DeletedRequest> {
    return this.#call('DELETE', `${toPath(requestId)}/content`, { ...options, isRepeatable: true });
  }

  /** Deletes an upload, by its `public_url` or its name. Requests that refer to it can no longer read it. */
  deleteUpload(upload: string, options: CallOptions = {}): Promise<void> {
    const name = upload.split(/[?#]/, 1)[0]?.split('/').at(-1) ?? '';
    return this.#call('DELETE', `/uploads/${encodeURIComponent(name)}`, { ...options, isRepeatable: true });
  }

  /** All upstream calls that were made for the request. */
  attempts(requestId: string, options: CallOptions = {}): Promise<AttemptList> {
    return this.#call('GET', `${toPath(requestId)}/attempts`, options);
  }

  /** What the organization has spent. */
  usage({ from, to, groupBy }: UsageOptions = {}, options: CallOptions = {}): Promise<UsageReport> {
    return this.#call('GET', `/usage${toQuery({ from, to, group_by: groupBy })}`, options);
  }

  /** The key of this client and what it may do. */
  me(options: CallOptions = {}): Promise<Me> {
    return this.#call('GET', '/me', options);
  }

  models(options: CallOptions = {}): Promise<ModelList> {
    return this.#call('GET', '/models', options);
  }

  model(id: string, options: CallOptions = {}): Promise<ModelDetail> {
    return this.#call('GET', `/models/${encodeURIComponent(id)}`, options);
  }

  /** Uploads a reference picture of at most 7 MB. Resolves to its URL, for use in `payload.image`. */
  async upload(source: UploadSource, { type, signal }: UploadOptions = {}): Promise<string> {
    const picture = toBlob(source);
    const fileType = type ?? (await findUploadType(picture));
    const message = { body: { file_type: fileType }, isRepeatable: true, ...(signal && { signal }) };
    const grant: UploadReply = await this.#call('POST', '/upload-url', message);
    const headers = { 'content-type': uploadTypes[fileType] };
    await this.#fetch(grant.upload_url, { method: 'PUT', headers, body: picture }, signal);
    return grant.public_url;
  }

  /**
   * Resolves as soon as the picture begins to arrive. The response offers its bytes as a stream (`body`) or whole (`blob()`,
   * `arrayBuffer()`), and its type in `content-type`.
   */
  download(picture: PictureSource, { signal }: CallOptions = {}): Promise<Response> {
    return this.#fetch(toUrl(picture), {}, signal);
  }

  /** The bytes of a picture as they arrive. A connection that breaks is continued where it was. */
  readPicture(picture: PictureSource, { signal }: CallOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const { maxRetries = defaultMaxRetries } = this.#options;
    return readPicture((headers) => this.#fetch(toUrl(picture), { headers }, signal), { maxRetries, signal });
  }

  /** Resolves to the record when the request has ended, however it ended. The server holds each call until then. */
  async wait(requestId: string, options: WaitOptions = {}): Promise<RequestRecord> {
    const { signal, lookEverySeconds = 20, onRecord, onQueueUpdate } = options;
    if (onQueueUpdate) return this.#follow(requestId, { ...options, onQueueUpdate });
    const message = { headers: { prefer: `wait=${lookEverySeconds}` }, ...(signal && { signal }) };
    for (;;) {
      const calledAt = Date.now();
      const record: RequestRecord = await this.#call('GET', toPath(requestId), message);
      onRecord?.(record);
      if (finalStatuses.has(record.status)) return record;
      // A proxy may drop the preference. Then this loop polls, with a pause between the calls.
      if (Date.now() - calledAt < leastPauseMs) await pause(leastPauseMs, signal);
    }
  }

  async #follow(
    requestId: string,
    { signal, onRecord, onQueueUpdate, logs }: WaitOptions & Required<Pick<WaitOptions, 'onQueueUpdate'>>,
  ): Promise<RequestRecord> {
    const call = { ...(signal && { signal }) };
    const readLogs = logs ? () => this.logs(requestId, call) : undefined;
    const events = this.events(requestId, call);
    const record = await followUpdates(events, { requestId, onQueueUpdate, readLogs });
    if (!record) throw new Error('The events of the request ended without its record.');
    onRecord?.(record);
    return record;
  }

  /** For addresses that need no key and may be on another host. */
  async #fetch(url: string, request: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    const { fetch: send = fetch, maxRetries = defaultMaxRetries } = this.#options;
    const attempt = () => send(url, { ...request, ...(signal && { signal }) });
    const response = await sendWithRetries(attempt, { maxRetries, isRepeatable: true, signal });
    if (!response.ok) throw await toError(response);
    return response;
  }
}

const leastPauseMs = 500;
/** A caller that has aborted waits no longer than this. */
const cancelMs = 5_000;

function toPath(requestId: string): string {
  return `/requests/${encodeURIComponent(requestId)}`;
}

function toUrl(picture: PictureSource): string {
  return typeof picture === 'string' ? picture : picture.url;
}

function toPayload(prompt: string | PayloadInput): PayloadInput {
  return typeof prompt === 'string' ? { prompt } : prompt;
}

function isSucceeded(record: RequestRecord): record is SucceededRequest {
  return record.status === 'success';
}
