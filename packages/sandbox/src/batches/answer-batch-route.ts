import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { Answer } from '../answer.ts';
import type { Caller, Studio } from '../answer-route.ts';
import { findModel } from '../models.ts';
import { Refusal } from '../refusals.ts';
import { BatchJob } from './batch-job.ts';
import { describeFile, type ShelfFile } from './file-shelf.ts';
import { receiveBatch } from './receive-batch.ts';
import type { BatchRoute } from './route.ts';

/** Answers the calls of batch jobs and their files. Rejects with a `Refusal`. */
export async function answerBatchRoute(route: BatchRoute, { request }: Caller, studio: Studio): Promise<Answer> {
  const { batches, files } = studio;
  switch (route.kind) {
    case 'batch-create':
      return createJob(route, request, studio);
    case 'batch-list':
      return listJobs(route, studio);
    case 'batch-get':
      return describeJob(findJob(route.id, studio));
    case 'batch-cancel':
      await findJob(route.id, studio).cancel();
      return toJson('{}');
    case 'batch-delete':
      await findJob(route.id, studio).cancel();
      batches.delete(route.id);
      return toJson('{}');
    case 'file-begin':
      return beginUpload(route.version, request, studio);
    case 'file-upload': {
      const file = await files.receive(route.id, request.iterator({ destroyOnReturn: false }));
      const answer = toJson(JSON.stringify({ file: describeFile(file, toBaseUrl(request)) }));
      return { ...answer, headers: { ...answer.headers, 'x-goog-upload-status': 'final' } };
    }
    case 'file-get':
      return toJson(JSON.stringify(describeFile(files.get(route.id), toBaseUrl(request))));
    case 'file-delete':
      await files.remove(route.id);
      return toJson('{}');
    case 'file-download': {
      const file = files.get(route.id);
      return { status: 200, headers: { 'content-type': file.mimeType }, slabs: () => readSlabs(file) };
    }
  }
}

async function createJob(
  { version, model: id }: Extract<BatchRoute, { kind: 'batch-create' }>,
  request: IncomingMessage,
  studio: Studio,
): Promise<Answer> {
  const model = findModel(version, id);
  const folder = join(studio.spoolFolder, `batch-${randomUUID()}`);
  const body = request.iterator({ destroyOnReturn: false });
  const input = await receiveBatch({ body, folder, files: studio.files });
  const job = new BatchJob({ model, input, folder }, studio);
  studio.batches.set(job.id, job);
  return describeJob(job);
}

function findJob(id: string, { batches }: Studio): BatchJob {
  const job = batches.get(id);
  if (!job) throw Refusal.json(404, { word: 'NOT_FOUND', message: 'Requested entity was not found.' });
  return job;
}

/** Newest first. The token of a page is where it begins. */
function listJobs({ pageSize, pageToken }: Extract<BatchRoute, { kind: 'batch-list' }>, { batches }: Studio): Answer {
  const from = Number(pageToken ?? 0) || 0;
  const jobs = [...batches.values()].toReversed();
  const operations = jobs.slice(from, from + pageSize).map((job) => toOperation(job, undefined));
  const next = from + pageSize < jobs.length ? { nextPageToken: String(from + pageSize) } : {};
  return toJson(JSON.stringify({ operations, ...next }));
}

async function beginUpload(version: string, request: IncomingMessage, { files }: Studio): Promise<Answer> {
  const { name, displayName, display_name: snakeName, mimeType } = Object(await readFileWords(request));
  const header = request.headers['x-goog-upload-header-content-type'];
  const uploadId = files.begin({
    id: typeof name === 'string' ? name.replace(/^files\//, '') : undefined,
    displayName: String(displayName ?? snakeName ?? ''),
    mimeType: String(mimeType ?? header ?? 'application/octet-stream'),
  });
  const url = `${toBaseUrl(request)}/upload/${version}/files?upload_id=${uploadId}&upload_protocol=resumable`;
  const answer = toJson('{}');
  return { ...answer, headers: { ...answer.headers, 'x-goog-upload-url': url, 'x-goog-upload-status': 'active' } };
}

const maxWordBytes = 65_536;

async function readFileWords(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.length > maxWordBytes) throw Refusal.tooLarge(maxWordBytes);
  }
  try {
    return Object(JSON.parse(text || '{}')).file;
  } catch {
    throw Refusal.invalidArgument('Invalid JSON payload received.');
  }
}

function toBaseUrl({ headers, socket }: IncomingMessage): string {
  return `http://${headers.host ?? `127.0.0.1:${socket.localPort}`}`;
}

/** The answers of a job with inlined calls are inside, both where the SDK looks for them and where Google's examples do. */
function describeJob(job: BatchJob): Answer {
  const { answers, endedAt } = job;
  if (!answers || endedAt === undefined) return toJson(JSON.stringify(toOperation(job, undefined)));
  if (job.input.form === 'file') return toJson(JSON.stringify(toOperation(job, { responsesFile: answers.name })));
  const mark = randomUUID();
  const [head = '', ...rest] = JSON.stringify(toOperation(job, { inlinedResponses: { inlinedResponses: mark } })).split(
    `"${mark}"`,
  );
  return { ...toJson(''), slabs: () => joinAround(head, rest, answers) };
}

function toOperation(job: BatchJob, output: object | undefined): object {
  const { id, createdAt, endedAt, state, input, counts } = job;
  const { successful, failed } = counts;
  const pending = input.requests.length - successful - failed;
  const name = `batches/${id}`;
  const metadata = {
    '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch',
    model: `models/${job.model.id}`,
    displayName: input.displayName,
    createTime: createdAt.toISOString(),
    ...(endedAt && { endTime: endedAt.toISOString() }),
    updateTime: (endedAt ?? createdAt).toISOString(),
    batchStats: {
      requestCount: String(input.requests.length),
      ...(successful > 0 && { successfulRequestCount: String(successful) }),
      ...(failed > 0 && { failedRequestCount: String(failed) }),
      ...(pending > 0 && { pendingRequestCount: String(pending) }),
    },
    state: `BATCH_STATE_${state}`,
    name,
    ...(output && { output }),
  };
  const isFailed = state === 'FAILED';
  return {
    name,
    metadata,
    ...(endedAt && { done: true }),
    ...(isFailed && { error: { code: 13, message: 'The sandbox let this batch job fail, as a prompt asked.' } }),
    ...(output && { response: { ...outputType, ...output } }),
  };
}

const outputType = {
  '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatchOutput',
};

function* joinAround(head: string, rest: readonly string[], answers: ShelfFile): Generator<string> {
  yield head;
  for (const text of rest) {
    yield '[';
    yield* joinLines(answers);
    yield `]${text}`;
  }
}

/** The lines of the file with commas between them. */
function* joinLines(answers: ShelfFile): Generator<string> {
  let isAfterBreak = false;
  for (const slab of readSlabs(answers)) {
    const text: string = isAfterBreak ? `,${slab}` : slab;
    isAfterBreak = text.endsWith('\n');
    yield (isAfterBreak ? text.slice(0, -1) : text).replaceAll('\n', ',');
  }
}

const slabBytes = 48 * 1024;

function* readSlabs({ path }: ShelfFile): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const slab = Buffer.alloc(slabBytes);
    for (let length = readSync(file, slab); length > 0; length = readSync(file, slab))
      yield decoder.write(slab.subarray(0, length));
  } finally {
    closeSync(file);
  }
}

function toJson(text: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, slabs: () => [text] };
}
