import type {
  AttemptList,
  ModelDetail,
  ModelList,
  PayloadInput,
  RequestList,
  RequestRecord,
  RequestStatus,
  SubmitReply,
  UploadReply,
  UploadType,
  UsageGroup,
  UsageReport,
} from '@darkroom/protocol';
import { uploadTypes } from '@darkroom/protocol';
import { type Call, type CallOptions, createCall, type DarkroomOptions, toError, toQuery } from './call.ts';
import { type WebhookEventChoice, Webhooks } from './webhooks.ts';

export interface Submission {
  /** `gemini-3-pro-image-preview` when left out. */
  readonly model?: string;
  readonly payload: PayloadInput;
  /** How long it may take before it gives up; an hour when left out. */
  readonly deadlineSeconds?: number;
  /** -10 to 10; larger goes first within the organization. 0 when left out. */
  readonly priority?: number;
  /**
   * Makes it safe to submit again when the answer did not arrive: for 24 hours the same key with the same body gives the
   * same request. 1 to 255 visible ASCII characters.
   */
  readonly idempotencyKey?: string;
  /** Is called when the status of the request changes: http or https, on the public internet. */
  readonly webhookUrl?: string;
  /** What it is told of; the three ends when left out. */
  readonly webhookEvents?: readonly WebhookEventChoice[];
}

/** A picture to upload, and what it is: `png`, `jpeg`, `webp`, `heic` or `heif`. */
export interface Upload {
  readonly bytes: Blob | Uint8Array<ArrayBuffer> | ArrayBuffer;
  readonly type: UploadType;
}

export interface ListOptions {
  readonly model?: string;
  readonly status?: RequestStatus;
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

const defaultModel = 'gemini-3-pro-image-preview';
const wire = '/api/v1/ie/requestqueue/apikey';
const finalStatuses: ReadonlySet<RequestStatus> = new Set(['success', 'failed', 'cancelled']);

/** The client of one Darkroom server. Every method throws a `DarkroomError` when the server refuses the call. */
export class Darkroom {
  readonly webhooks: Webhooks;
  readonly #call: Call;
  readonly #fetch: typeof fetch | undefined;

  constructor(options: DarkroomOptions) {
    this.#call = createCall(options, wire);
    this.webhooks = new Webhooks(this.#call);
    this.#fetch = options.fetch;
  }

  submit(submission: Submission, options: CallOptions = {}): Promise<SubmitReply> {
    const { model = defaultModel, payload, deadlineSeconds, priority, idempotencyKey } = submission;
    const webhook = { webhook_url: submission.webhookUrl, webhook_events: submission.webhookEvents };
    const body = { model, payload, deadline_seconds: deadlineSeconds, priority, ...webhook };
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    return this.#call('POST', '/requests', { ...options, body, headers });
  }

  status(requestId: string, options: CallOptions = {}): Promise<RequestRecord> {
    return this.#call('GET', toPath(requestId), options);
  }

  list({ model, status, limit, cursor }: ListOptions = {}, options: CallOptions = {}): Promise<RequestList> {
    return this.#call('GET', `/requests${toQuery({ model_id: model, status, limit, cursor })}`, options);
  }

  /** Cancels a request that has not ended; one that has stays as it is. Resolves to the record as it is then. */
  cancel(requestId: string, options: CallOptions = {}): Promise<RequestRecord> {
    return this.#call('POST', `${toPath(requestId)}/cancel`, options);
  }

  /** Every call of an upstream that was made for the request. */
  attempts(requestId: string, options: CallOptions = {}): Promise<AttemptList> {
    return this.#call('GET', `${toPath(requestId)}/attempts`, options);
  }

  /** What the organization has spent. */
  usage({ from, to, groupBy }: UsageOptions = {}, options: CallOptions = {}): Promise<UsageReport> {
    return this.#call('GET', `/usage${toQuery({ from, to, group_by: groupBy })}`, options);
  }

  models(options: CallOptions = {}): Promise<ModelList> {
    return this.#call('GET', '/models', options);
  }

  model(id: string, options: CallOptions = {}): Promise<ModelDetail> {
    return this.#call('GET', `/models/${encodeURIComponent(id)}`, options);
  }

  /** Uploads a reference picture of at most 7 MB; resolves to the URL that can stand in `payload.image`. */
  async upload({ bytes, type }: Upload, options: CallOptions = {}): Promise<string> {
    const grant: UploadReply = await this.#call('POST', '/upload-url', { ...options, body: { file_type: type } });
    const send = this.#fetch ?? fetch;
    const response = await send(grant.upload_url, {
      method: 'PUT',
      headers: { 'content-type': uploadTypes[type] },
      body: bytes,
      ...options,
    });
    if (!response.ok) throw await toError(response);
    return grant.public_url;
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
}

const leastPauseMs = 500;

function toPath(requestId: string): string {
  return `/requests/${encodeURIComponent(requestId)}`;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
