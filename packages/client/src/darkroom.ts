import type {
  ModelDetail,
  ModelList,
  PayloadInput,
  RequestList,
  RequestRecord,
  RequestStatus,
  SubmitReply,
  UploadReply,
  UploadType,
} from '@darkroom/protocol';
import { uploadTypes } from '@darkroom/protocol';
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

export interface Submission {
  /** `gemini-3-pro-image-preview` when left out. */
  readonly model?: string;
  readonly payload: PayloadInput;
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

export interface WaitOptions extends CallOptions {
  /** Between two looks at the request, in milliseconds; 1,000 when left out. */
  readonly pollMs?: number;
  /** Told every record that was read, the last one included. */
  readonly onRecord?: (record: RequestRecord) => void;
}

const defaultModel = 'gemini-3-pro-image-preview';
const wire = '/api/v1/ie/requestqueue/apikey';
const finalStatuses: ReadonlySet<RequestStatus> = new Set(['success', 'failed', 'cancelled']);

/** The client of one Darkroom server. Every method throws a `DarkroomError` when the server refuses the call. */
export class Darkroom {
  readonly #options: DarkroomOptions;

  constructor(options: DarkroomOptions) {
    this.#options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, '') };
  }

  submit({ model = defaultModel, payload }: Submission, options: CallOptions = {}): Promise<SubmitReply> {
    return this.#call('POST', '/requests', { ...options, body: { model, payload } });
  }

  status(requestId: string, options: CallOptions = {}): Promise<RequestRecord> {
    return this.#call('GET', `/requests/${encodeURIComponent(requestId)}`, options);
  }

  list({ model, status, limit, cursor }: ListOptions = {}, options: CallOptions = {}): Promise<RequestList> {
    const query = new URLSearchParams({
      ...(model !== undefined && { model_id: model }),
      ...(status !== undefined && { status }),
      ...(limit !== undefined && { limit: String(limit) }),
      ...(cursor !== undefined && { cursor }),
    });
    return this.#call('GET', `/requests?${query}`, options);
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
    const { fetch: send = fetch } = this.#options;
    const response = await send(grant.upload_url, {
      method: 'PUT',
      headers: { 'content-type': uploadTypes[type] },
      body: bytes,
      ...options,
    });
    if (!response.ok) throw new DarkroomError(response.status, await response.json().catch(() => ({})));
    return grant.public_url;
  }

  /** Resolves to the record when the request has ended, whatever its end. */
  async wait(requestId: string, { signal, pollMs = 1_000, onRecord }: WaitOptions = {}): Promise<RequestRecord> {
    for (;;) {
      const record = await this.status(requestId, signal ? { signal } : {});
      onRecord?.(record);
      if (finalStatuses.has(record.status)) return record;
      await pause(pollMs, signal);
    }
  }

  async #call<T>(
    method: string,
    path: string,
    { signal, body }: CallOptions & { readonly body?: unknown },
  ): Promise<T> {
    const { baseUrl, apiKey, organizationId, fetch: send = fetch } = this.#options;
    const response = await send(`${baseUrl}${wire}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(organizationId !== undefined && { 'x-organization-id': organizationId }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (!response.ok) throw new DarkroomError(response.status, await response.json().catch(() => ({})));
    return response.json() as Promise<T>; // the server's own schemas check what it sends
  }
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
