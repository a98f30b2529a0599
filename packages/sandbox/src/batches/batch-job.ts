import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeJson } from '@darkroom/json-stream';
import type { Answer } from '../answer.ts';
import { toAnswer } from '../answer.ts';
import type { CallLog } from '../call-log.ts';
import { type DirectiveBlock, parseDirectives } from '../directives.ts';
import { type GenerateContentTools, generateContent } from '../generate-content.ts';
import type { SandboxModel } from '../models.ts';
import { Refusal } from '../refusals.ts';
import type { FileShelf, ShelfFile } from './file-shelf.ts';
import type { BatchedRequest, BatchInput } from './receive-batch.ts';

export type BatchState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'EXPIRED';

export interface BatchTools extends GenerateContentTools {
  readonly calls: CallLog;
  readonly files: FileShelf;
  /** How long a job is pending. */
  readonly batchDelayMs: number;
}

export interface BatchJobOptions {
  readonly model: SandboxModel;
  readonly input: BatchInput;
  /** Has the files of the calls; the job removes it. */
  readonly folder: string;
}

/** One job: pending for a while, then its calls one after the other, each as `generateContent` would have answered it. */
export class BatchJob {
  readonly id = randomUUID().replaceAll('-', '');
  readonly createdAt = new Date();
  readonly model: SandboxModel;
  readonly input: BatchInput;
  state: BatchState = 'PENDING';
  endedAt: Date | undefined;
  /** The answers, a line for each; there once the job has ended. */
  answers: ShelfFile | undefined;
  readonly counts = { successful: 0, failed: 0 };
  readonly #folder: string;
  readonly #tools: BatchTools;
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;

  constructor({ model, input, folder }: BatchJobOptions, tools: BatchTools) {
    this.model = model;
    this.input = input;
    this.#folder = folder;
    this.#tools = tools;
    this.#done = this.#run();
  }

  /** Calls that have been made keep their answers. */
  async cancel(): Promise<void> {
    this.#ending.abort(new Error('The job was cancelled.'));
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    const { sleep, batchDelayMs, files } = this.#tools;
    try {
      await sleep(batchDelayMs, signal);
      if (signal.aborted) return this.#end('CANCELLED');
      const fate = toFate(this.input.requests);
      if (fate === 'fail') return this.#end('FAILED');
      this.state = 'RUNNING';
      const about = { displayName: '', mimeType: 'application/jsonl' };
      this.answers = await files.add(`batch-${this.id}`, about, this.#makeLines());
      const isCut = this.counts.successful + this.counts.failed < this.input.requests.length;
      if (isCut) this.#end(signal.aborted ? 'CANCELLED' : 'EXPIRED');
      else this.#end('SUCCEEDED');
    } catch {
      this.#end('FAILED');
    } finally {
      await rm(this.#folder, { recursive: true, force: true });
    }
  }

  #end(state: BatchState): void {
    this.state = state;
    this.endedAt = new Date();
  }

  async *#makeLines(): AsyncGenerator<string> {
    for (const one of this.input.requests) {
      if (this.#ending.signal.aborted) return;
      if (toFate([one]) !== 'expire') yield* this.#makeLine(one);
    }
  }

  async *#makeLine({ key, request }: BatchedRequest): AsyncGenerator<string> {
    const answer = await this.#answer(request);
    const isMade = answer.status === 200 && answer.cut === undefined;
    this.counts[isMade ? 'successful' : 'failed'] += 1;
    const named = this.input.form === 'inline' ? { ...(key !== undefined && { metadata: { key } }) } : { key };
    const head = JSON.stringify(named).slice(0, -1);
    yield head === '{' ? head : `${head},`;
    if (isMade) {
      yield '"response":';
      yield* answer.slabs();
    } else yield `"error":${JSON.stringify(toStatus(answer))}`;
    yield '}\n';
  }

  async #answer(request: unknown): Promise<Answer> {
    const { calls } = this.#tools;
    const folder = join(this.#folder, randomUUID());
    const body = encodeJson(request).chunks();
    calls.begin();
    const call = { model: this.model, body, folder, signal: this.#ending.signal };
    const answer = await generateContent(call, this.#tools).catch((error: unknown) =>
      toAnswer(error instanceof Refusal ? error : Refusal.internal()),
    );
    calls.end(answer.status);
    return answer;
  }
}

/** What `batch` directives of the calls do to the job, or to a call. */
function toFate(requests: readonly BatchedRequest[]): 'expire' | 'fail' | undefined {
  const fates = requests
    .flatMap(({ request }) => findBlocks(request))
    .flatMap(({ directives }) => directives.batch ?? []);
  return fates.includes('fail') ? 'fail' : fates[0];
}

function findBlocks(request: unknown): readonly DirectiveBlock[] {
  try {
    return parseDirectives(JSON.stringify(Object(request).contents ?? ''));
  } catch {
    return [];
  }
}

/** A `google.rpc.Status`: with a code of RPC, not of HTTP. */
function toStatus(answer: Answer): object {
  const { error } = parse([...answer.slabs()].join(''));
  const { status = 'INTERNAL', message = 'Internal error encountered.', details } = Object(error);
  return { code: codeOf.get(status) ?? 13, message, ...(details && { details }) };
}

function parse(text: string): { readonly error?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

const codeOf: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['INVALID_ARGUMENT', 3],
  ['DEADLINE_EXCEEDED', 4],
  ['NOT_FOUND', 5],
  ['PERMISSION_DENIED', 7],
  ['RESOURCE_EXHAUSTED', 8],
  ['INTERNAL', 13],
  ['UNAVAILABLE', 14],
  ['UNAUTHENTICATED', 16],
]);
