import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Answer } from './answer.ts';
import { answerBatchRoute } from './batches/answer-batch-route.ts';
import type { BatchJob, BatchTools } from './batches/batch-job.ts';
import { generateContent } from './generate-content.ts';
import { describeModel, findModel, listModels } from './models.ts';
import { maxBodyBytes } from './receive-order.ts';
import { Refusal } from './refusals.ts';
import type { Route } from './route.ts';

/** The state that all exchanges share. */
export interface Studio extends BatchTools {
  readonly apiKey?: string;
  readonly spoolFolder: string;
  /** By their ids, oldest first. */
  readonly batches: Map<string, BatchJob>;
}

export interface Caller {
  readonly request: IncomingMessage;
  /** Aborts when the caller has left. */
  readonly signal: AbortSignal;
}

/** Answers a route. Rejects with a `Refusal`, or with any error once the caller has left. */
export async function answerRoute(route: Route, caller: Caller, studio: Studio): Promise<Answer> {
  if (route.kind === 'unknown') throw Refusal.unknownMethod();
  if (route.kind === 'calls') return toJsonAnswer(describeCalls(studio, route.prompt));
  checkKey(route.key, studio.apiKey);
  switch (route.kind) {
    case 'list':
      return toJsonAnswer(listModels(route.version));
    case 'model':
      return toJsonAnswer(describeModel(findModel(route.version, route.model)));
    case 'count':
      return toJsonAnswer(await countTokens(route, caller));
    case 'generate':
      return generate(route, caller, studio);
    default:
      return answerBatchRoute(route, caller, studio);
  }
}

function checkKey(key: string, expected: string | undefined): void {
  if (key === '') throw Refusal.missingKey();
  if (expected !== undefined && key !== expected) throw Refusal.invalidKey();
}

async function generate(
  route: { readonly version: string; readonly model: string },
  { request, signal }: Caller,
  studio: Studio,
): Promise<Answer> {
  const model = findModel(route.version, route.model);
  if (Number(request.headers['content-length']) > maxBodyBytes) throw Refusal.tooLarge(maxBodyBytes);
  const folder = join(studio.spoolFolder, randomUUID());
  // Otherwise the stream would close the socket when the body is refused half-way.
  const body = request.iterator({ destroyOnReturn: false });
  return generateContent({ model, body, folder, signal }, studio);
}

/** A rule of thumb, over the JSON: the real count needs the model's tokenizer. */
async function countTokens(
  { version, model }: { readonly version: string; readonly model: string },
  { request }: Caller,
): Promise<object> {
  findModel(version, model);
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw Refusal.tooLarge(maxBodyBytes);
  }
  return { totalTokens: Math.ceil(bytes / 4) };
}

function describeCalls({ calls, prompts }: Studio, prompt: string | undefined): object {
  const { byResult, inFlight, total } = calls;
  return { total, inFlight, byResult, ...(prompt !== undefined && { ofPrompt: prompts.of(prompt) }) };
}

export function toJsonAnswer(body: object): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    slabs: () => [JSON.stringify(body, null, 2)],
  };
}
