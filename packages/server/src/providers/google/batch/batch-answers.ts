import { JsonDecodeError, splitLines } from '@darkroom/json-stream';
import { type KeyedAnswer, type UnansweredCall, UnreadAnswersError } from '../../batch-model.ts';
import { toTransportFailure } from '../../call-failures.ts';
import { CallLimit } from '../../call-limit.ts';
import type { ImageAnswer } from '../../image-model.ts';
import { removeSpooled } from '../../read-answer.ts';
import { TransportError } from '../../transport.ts';
import { AccessError } from '../google-service.ts';
import { decodeAnswer, takeAnswer } from '../take-answer.ts';
import { type BatchOperation, parseKeyed } from './batch-operation.ts';
import type { GoogleClient } from './google-client.ts';

/** Of an upload, and of a job's answers: a connection of 10 Mbit/s is enough for 2 GB. */
export const transferTimeoutMs = 1_800_000;

export interface AnswersContext {
  readonly client: GoogleClient;
  readonly folder: string;
  /** What no failure may quote. */
  readonly secret: string;
  readonly signal: AbortSignal;
}

/** The answers of a job that has ended, from its file or from the job itself. */
export async function* readAnswers(
  { responsesFile, inlinedResponses = [] }: BatchOperation,
  context: AnswersContext,
): AsyncGenerator<KeyedAnswer> {
  for (const value of inlinedResponses) yield* toKeyedAnswer(value, context);
  if (responsesFile === undefined) return;
  const { clock } = context.client.reading;
  const limit = new CallLimit({ signal: context.signal, timeoutMs: transferTimeoutMs, clock });
  try {
    yield* readFile(responsesFile, { ...context, signal: limit.signal });
  } catch (error) {
    if (error instanceof TransportError) throw new UnreadAnswersError(toTransportFailure(error));
    if (error instanceof AccessError) throw new UnreadAnswersError(error.failure);
    throw error;
  } finally {
    limit.release();
  }
}

async function* readFile(name: string, context: AnswersContext): AsyncGenerator<KeyedAnswer> {
  const { client, folder, signal } = context;
  const { limits } = client.reading;
  const path = name.split('/').map(encodeURIComponent).join('/');
  const url = `${client.toRootUrl('download/')}/${path}:download?alt=media`;
  const answered = await client.send({ method: 'GET', url }, signal);
  if (answered.response.status !== 200) throw new UnreadAnswersError(await client.toFailure(answered));
  for await (const line of splitLines(answered.response.body)) {
    const body = { folder, maxBytes: limits.maxAnswerBytes, maxJsonBytes: limits.maxJsonBytes };
    try {
      yield* toKeyedAnswer(await decodeAnswer(line, body, client.reading), context);
    } catch (error) {
      // One line that is no answer must not cost the others. Its call is left without an answer.
      if (!(error instanceof JsonDecodeError)) throw error;
    }
  }
}

async function* toKeyedAnswer(value: unknown, { client, folder, secret }: AnswersContext): AsyncGenerator<KeyedAnswer> {
  const keyed = parseKeyed(value);
  if (!keyed) return removeSpooled(value, []);
  const answer = await takeAnswer(keyed.answer, { folder, secret }, client.reading);
  yield { key: keyed.key, answer: toBatchTier(answer) };
}

/** Calls of jobs have no tiers: the word for the standard one says nothing about the price of a job. */
function toBatchTier(answer: ImageAnswer): ImageAnswer {
  if (answer.kind === 'interrupted') return answer;
  const { serviceTier = 'standard' } = answer;
  return { ...answer, serviceTier: serviceTier === 'standard' ? 'batch' : serviceTier };
}

/** How the calls of a job have ended that it brings no answer for. */
export function toUnanswered(
  state: 'succeeded' | 'failed' | 'cancelled' | 'expired',
  { successful }: BatchOperation,
  toJobFailure: () => UnansweredCall['failure'],
): UnansweredCall {
  switch (state) {
    case 'succeeded': {
      const message = 'The batch job has ended and brought no answer to this call.';
      return { kind: 'failed', failure: { code: 'upstream_answer_invalid', message }, isPossiblyBilled: true };
    }
    case 'failed':
      return { kind: 'failed', failure: toJobFailure(), isPossiblyBilled: false };
    case 'cancelled': {
      const message = 'The batch job was cancelled before this call was made.';
      const isPossiblyBilled = (successful ?? 0) > 0;
      return { kind: 'interrupted', failure: { code: 'upstream_overloaded', message }, isPossiblyBilled };
    }
    case 'expired': {
      const message = 'The batch job expired before this call was made: the upstream had no capacity for it in time.';
      return { kind: 'interrupted', failure: { code: 'upstream_overloaded', message }, isPossiblyBilled: false };
    }
  }
}
