import { type EncodedJson, encodeJson } from '@darkroom/json-stream';
import type { Failure } from '../../../core/failures.ts';
import type {
  BatchCreation,
  BatchLook,
  BatchModel,
  BatchOrder,
  BatchSearch,
  EndedBatch,
  LookOptions,
  NamedJob,
} from '../../batch-model.ts';
import { toForeignAnswerFailure } from '../../call-failures.ts';
import type { ImageCall } from '../../image-model.ts';
import { readText, removeSpooled, toReadingFailure } from '../../read-answer.ts';
import { findInnerError } from '../error-answer.ts';
import { toHttpFailure } from '../failures.ts';
import type { GoogleService } from '../google-service.ts';
import { toJsonHeaders } from '../headers.ts';
import { decodeAnswer } from '../take-answer.ts';
import { readAnswers, toUnanswered, transferTimeoutMs } from './batch-answers.ts';
import { type BatchOperation, parseOperation, parseOperations } from './batch-operation.ts';
import { type Answered, GoogleClient, type GoogleClientOptions, type RootedService } from './google-client.ts';
import { toCreateBody, toDisplayName, toFileBytes, toFileName, uploadInputFile } from './input-file.ts';

/** Google documents 20 MB for calls inside of the call that makes a job, and 2 GB for a file of calls. */
const maxInlineBytes = 20_000_000;
const maxFileBytes = 2_000_000_000;

const callTimeoutMs = 120_000;
const pageSize = 100;
/** A job that was just made is among the newest. */
const maxPages = 20;
/** What stays in memory of a job's answers, for each call. */
const jsonBytesOfCall = 64 * 2 ** 10;

/** `undefined`: the service has no batch jobs that can be used. */
export function createGoogleBatches(
  options: Omit<GoogleClientOptions, 'service'> & { readonly service: GoogleService },
): BatchModel | undefined {
  const { service } = options;
  return isRooted(service) ? new GoogleBatches(new GoogleClient({ ...options, service }), service) : undefined;
}

function isRooted(service: GoogleService): service is RootedService {
  return service.toRootUrl !== undefined;
}

/** Google's batch jobs: `batchGenerateContent`, with the calls inside or, when they are large, in a file. */
class GoogleBatches implements BatchModel {
  readonly maxJobBytes = maxFileBytes;
  readonly #client: GoogleClient;
  readonly #service: RootedService;

  constructor(client: GoogleClient, service: RootedService) {
    this.#client = client;
    this.#service = service;
  }

  bytesOf(call: ImageCall): number {
    return toFileBytes([encodeJson({ key: longestKey, request: this.#toBody(call) })]);
  }

  async create(order: BatchOrder, signal: AbortSignal): Promise<BatchCreation> {
    const requests = order.calls.map(({ key, call }) => ({ request: this.#toBody(call), metadata: { key } }));
    const inline = toCreateBody(order.id, { requests: { requests } });
    if (inline.bytes <= maxInlineBytes) return this.#send(order, inline, signal);
    const failure = await this.#upload(order, signal);
    if (failure) return { kind: 'refused', failure };
    return this.#send(order, toCreateBody(order.id, { fileName: toFileName(order.id) }), signal);
  }

  find(id: string, { folder, signal }: LookOptions): Promise<BatchSearch> {
    return this.#client.within<BatchSearch>(
      { timeoutMs: callTimeoutMs, signal },
      (limited) => this.#findIn(id, { folder, signal: limited }),
      toFailed,
    );
  }

  look(job: NamedJob, { folder, signal }: LookOptions): Promise<BatchLook> {
    return this.#client.within<BatchLook>(
      { timeoutMs: transferTimeoutMs, signal },
      async (limited) => {
        const answered = await this.#client.send({ method: 'GET', url: this.#toJobUrl(job.upstreamName) }, limited);
        if (answered.response.status === 404) return { kind: 'missing' };
        if (answered.response.status !== 200)
          return { kind: 'failed', failure: await this.#client.toFailure(answered) };
        const value = await this.#read(answered, { folder, calls: job.calls });
        const operation = value.kind === 'read' ? parseOperation(value.value) : undefined;
        if (value.kind === 'unread') return { kind: 'failed', failure: value.failure };
        if (!operation) return { kind: 'failed', failure: toForeignAnswerFailure() };
        return this.#toLook(operation, job, { folder, signal, secret: answered.access.secret });
      },
      toFailed,
    );
  }

  cancel(upstreamName: string, signal: AbortSignal): Promise<Failure | undefined> {
    return this.#client.within<Failure | undefined>(
      { timeoutMs: callTimeoutMs, signal },
      async (limited) => {
        const url = `${this.#toJobUrl(upstreamName)}:cancel`;
        const answered = await this.#client.send({ method: 'POST', url, body: '{}' }, limited);
        if (answered.response.status !== 200) return this.#client.toFailure(answered);
        await readText(answered.response.body, this.#client.reading.limits.maxTextBytes);
        return undefined;
      },
      ({ failure }) => failure,
    );
  }

  /** A job has no tier: it is one. */
  #toBody(call: ImageCall): unknown {
    return this.#service.toBody({ ...call, serviceTier: 'standard' });
  }

  #toJobUrl(upstreamName: string): string {
    return `${this.#client.toRootUrl()}/${upstreamName.split('/').map(encodeURIComponent).join('/')}`;
  }

  #upload({ id, calls }: BatchOrder, signal: AbortSignal): Promise<Failure | undefined> {
    const lines = calls.map(({ key, call }) => encodeJson({ key, request: this.#toBody(call) }));
    return this.#client.within<Failure | undefined>(
      { timeoutMs: transferTimeoutMs, signal },
      (limited) => uploadInputFile({ id, lines }, { client: this.#client, signal: limited }),
      ({ failure }) => failure,
    );
  }

  /** The call that makes the job, and the only one that may cost something. */
  async #send(
    { upstreamModel, beforeSending }: BatchOrder,
    body: EncodedJson,
    signal: AbortSignal,
  ): Promise<BatchCreation> {
    if (signal.aborted || !(await beforeSending())) return { kind: 'unsent' };
    return this.#client.within<BatchCreation>(
      { timeoutMs: callTimeoutMs, signal },
      async (limited) => {
        const url = `${this.#service.toModelUrl(upstreamModel)}:batchGenerateContent`;
        const headers = toJsonHeaders(body.bytes);
        const answered = await this.#client.send({ method: 'POST', url, headers, body: body.chunks() }, limited);
        return this.#toCreation(answered);
      },
      ({ failure, isSent }) => (isSent ? { kind: 'unknown', failure } : { kind: 'refused', failure }),
    );
  }

  /** An error of the 500s may come from a front end that has given up waiting for a job that is being made. */
  async #toCreation(answered: Answered): Promise<BatchCreation> {
    const { status, body } = answered.response;
    if (status >= 500 || status === 408) return { kind: 'unknown', failure: await this.#client.toFailure(answered) };
    if (status !== 200) return { kind: 'refused', failure: await this.#client.toFailure(answered) };
    const operation = parseOperation(parseJsonText(await readText(body, this.#client.reading.limits.maxTextBytes)));
    return operation
      ? { kind: 'created', upstreamName: operation.name }
      : { kind: 'unknown', failure: toForeignAnswerFailure() };
  }

  async #findIn(id: string, options: LookOptions): Promise<BatchSearch> {
    let pageToken: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const query = new URLSearchParams({ pageSize: String(pageSize), ...(pageToken && { pageToken }) });
      const url = `${this.#client.toRootUrl()}/batches?${query}`;
      const answered = await this.#client.send({ method: 'GET', url }, options.signal);
      if (answered.response.status !== 200) return { kind: 'failed', failure: await this.#client.toFailure(answered) };
      const read = await this.#read(answered, { folder: options.folder, calls: pageSize });
      if (read.kind === 'unread') return { kind: 'failed', failure: read.failure };
      // A list may bring the answers of jobs, too.
      await removeSpooled(read.value, []);
      const list = parseOperations(read.value);
      if (!list) return { kind: 'failed', failure: toForeignAnswerFailure() };
      const found = list.operations.find(({ displayName }) => displayName === toDisplayName(id));
      if (found) return { kind: 'found', upstreamName: found.name };
      pageToken = list.nextPageToken;
      if (pageToken === undefined) break;
    }
    return { kind: 'missing' };
  }

  async #read(
    { response }: Answered,
    { folder, calls }: { readonly folder: string; readonly calls: number },
  ): Promise<
    { readonly kind: 'read'; readonly value: unknown } | { readonly kind: 'unread'; readonly failure: Failure }
  > {
    const { maxAnswerBytes, maxJsonBytes } = this.#client.reading.limits;
    // Twice: the answers may be both in the metadata and in the response.
    const limits = {
      maxBytes: 2 * calls * maxAnswerBytes,
      maxJsonBytes: maxJsonBytes + 2 * calls * jsonBytesOfCall,
    };
    try {
      return { kind: 'read', value: await decodeAnswer(response.body, { folder, ...limits }, this.#client.reading) };
    } catch (error) {
      return { kind: 'unread', failure: toReadingFailure(error) };
    }
  }

  #toLook(operation: BatchOperation, job: NamedJob, options: LookOptions & { readonly secret: string }): BatchLook {
    const { state = 'pending' } = operation;
    if (state === 'pending' || state === 'running') return { kind: 'waiting', state };
    return {
      kind: 'ended',
      state,
      answers: readAnswers(operation, { client: this.#client, ...options }),
      rest: toUnanswered(state, operation, () => this.#toJobFailure(operation, options.secret)),
      remove: (removing) => this.#remove(job, operation, removing),
    } satisfies EndedBatch;
  }

  #toJobFailure({ error }: BatchOperation, secret: string): Failure {
    const { clock } = this.#client.reading;
    const found = findInnerError({ error }, undefined, clock.now());
    const rows = this.#service.failureRows;
    if (found) return toHttpFailure(found, { secret, now: clock.now(), rows });
    return { code: 'upstream_error', message: 'The batch job failed, and the upstream does not say why.' };
  }

  /** What cannot be removed expires: Google keeps files for 48 hours. */
  async #remove({ id, upstreamName }: NamedJob, { responsesFile }: BatchOperation, signal: AbortSignal): Promise<void> {
    const files = [toFileName(id), ...(responsesFile === undefined ? [] : [responsesFile])];
    for (const name of [upstreamName, ...files]) {
      await this.#client.within<void>(
        { timeoutMs: callTimeoutMs, signal },
        async (limited) => {
          const { response } = await this.#client.send({ method: 'DELETE', url: this.#toJobUrl(name) }, limited);
          await readText(response.body, this.#client.reading.limits.maxTextBytes);
        },
        () => undefined,
      );
    }
  }
}

/** As long as the keys of calls are. */
const longestKey = 'k'.repeat(60);

function toFailed({ failure }: { readonly failure: Failure }): { readonly kind: 'failed'; readonly failure: Failure } {
  return { kind: 'failed', failure };
}

function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
