import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../core/image-request.ts';
import { isEnded } from '../core/lifecycle.ts';
import { toDollars } from '../core/pricing.ts';
import { Problem } from '../core/problem.ts';
import { unauthorized } from '../http/auth.ts';
import type { ToErrorReply } from '../http/error-reply.ts';
import { EventSink } from '../http/event-sink.ts';
import { createGoneSignal } from '../http/gone-signal.ts';
import { type JsonAnswer, type JsonText, type Pictures, sendJson, toJson } from '../http/json-answer.ts';
import { prefersAsync } from '../http/prefer.ts';
import { toFault } from '../http/to-problem.ts';
import type { Intake } from '../intake/intake.ts';
import type { Submission } from '../intake/submit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { ClientLine } from './client-line.ts';

export interface LongCallsOptions {
  readonly intake: Pick<Intake, 'submit' | 'wait' | 'answered' | 'left'>;
  readonly media: Pictures;
  /** A call may be silent for this time before its answer begins with white space, so that no proxy cuts it. */
  readonly keepAliveMs: number;
  readonly toErrorReply: ToErrorReply;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A submission by a call that stays open. What recognizes the call when it is made again is added to it. */
export type LongSubmission = Omit<Submission, 'repeat'> & {
  /** Tells one body from another; when left out, the hash of the JSON body (`hashesBody`). */
  readonly bodyHash?: string;
};

export interface JsonCall {
  readonly submission: LongSubmission;
  /** The caller waits no longer than this, in milliseconds; left out: until the request has ended. */
  readonly timeoutMs?: number;
  /** What is done with the request when the time is over. The call then waits until the end after all. */
  readonly atTimeout?: (request: ImageRequest) => Promise<unknown>;
  /** The answer, when the request has ended or the time is over. It may reject with a `Problem`. */
  readonly toAnswer: (request: ImageRequest) => Promise<JsonAnswer> | JsonAnswer;
  /** The answer to `Prefer: respond-async`, which says where to poll; left out: the preference is ignored. */
  readonly toAccepted?: (request: ImageRequest) => Promise<JsonAnswer> | JsonAnswer;
}

/** A server-sent event. */
export interface StreamEvent {
  /** Left out: the event has no name. */
  readonly event?: string;
  /** A JSON value, which may contain `StoredBase64`, or a text that is sent as it is. */
  readonly data: unknown;
}

/** The events of a stream. */
export interface StreamWords {
  /** What the client is sent at once. */
  readonly toStart?: (request: ImageRequest) => readonly StreamEvent[];
  /** What the client is sent when the request has ended. */
  readonly toEnd: (request: ImageRequest) => Promise<readonly StreamEvent[]> | readonly StreamEvent[];
  /** What the client is sent when something else fails once the stream has begun. */
  readonly toError: (problem: Problem) => readonly StreamEvent[];
  /**
   * What keeps the stream alive: comments, when left out. Some clients cannot read comments; a stream whose first event is its last
   * can be kept alive by white space before the JSON of that event.
   */
  readonly keepsAliveBy?: 'comments' | 'space';
}

export interface StreamCall extends StreamWords {
  readonly submission: LongSubmission;
}

/** Calls that stay open until their request has ended, as most wires have them. */
export interface LongCalls {
  /**
   * Submits, waits and answers in JSON. A call that takes long is kept alive by white space before the JSON; its status is then
   * 200, and a failure is told in the body alone.
   */
  answer(call: FastifyRequest, reply: FastifyReply, options: JsonCall): Promise<FastifyReply>;
  /** Submits, and streams server-sent events. Comments keep the stream alive. */
  stream(call: FastifyRequest, reply: FastifyReply, options: StreamCall): Promise<void>;
  /** The same for a request that was submitted before. The work does not depend on a client that only follows it. */
  follow(call: FastifyRequest, reply: FastifyReply, request: ImageRequest, words: StreamWords): Promise<void>;
}

/** What is sent of an event before its JSON; white space may follow. */
const eventHead = 'data: ';

/** A call whose answer has begun is never silent for longer than this, whatever `keepAliveMs` allows. */
const maxSilentMs = 15_000;

export function createLongCalls(options: LongCallsOptions): LongCalls {
  const { intake, media, keepAliveMs, toErrorReply, clock, logger } = options;
  const silentMs = Math.min(keepAliveMs, maxSilentMs);

  const begin = async (call: FastifyRequest, reply: FastifyReply, submission: LongSubmission) => {
    const { request, isReplayed } = await intake.submit({ ...submission, repeat: toRepeat(call, submission) });
    call.dropBody();
    reply.header('x-request-id', request.id);
    if (isReplayed) reply.header('idempotent-replayed', 'true');
    return { request, line: new ClientLine(call, reply, { requestId: request.id, intake, logger }) };
  };

  /** The request at its end, or when the time is over. */
  const wait = async (call: FastifyRequest, request: ImageRequest, { line, timeoutMs }: Waiting) => {
    const { caller, revoked } = call;
    const signal = revoked ? AbortSignal.any([line.gone, revoked]) : line.gone;
    const limits = { timeoutMs: timeoutMs ?? toEndMs(request, clock), signal };
    const waited = await intake.wait(caller, request.id, limits);
    if (revoked?.aborted) throw unauthorized('The API key was revoked.');
    if (timeoutMs === undefined && !isEnded(waited.status)) throw createStopping();
    return waited;
  };

  return {
    // Neither function is left waiting with the submission: a call that stays open does not hold the pictures that it sent.
    answer: async (call, reply, { submission, ...words }) =>
      settle(call, reply, { ...(await begin(call, reply, submission)), ...words }),

    stream: async (call, reply, { submission, ...words }) =>
      tell(call, reply, { ...(await begin(call, reply, submission)), ...words }),

    follow: async (call, reply, request, words) => {
      reply.header('x-request-id', request.id);
      const line = { gone: createGoneSignal(reply), answers: () => undefined };
      return tell(call, reply, { request, line, ...words });
    },
  };

  async function settle(call: FastifyRequest, reply: FastifyReply, begun: Begun): Promise<FastifyReply> {
    const { request, line, timeoutMs, atTimeout, toAnswer, toAccepted } = begun;
    if (toAccepted && prefersAsync(call)) {
      line.answers();
      return sendJson(reply, await toAccepted(request), media);
    }
    const toEnd = async (): Promise<JsonAnswer> => {
      let waited = await wait(call, request, { line, timeoutMs });
      if (atTimeout && !isEnded(waited.status)) {
        await atTimeout(waited);
        waited = await wait(call, request, { line, timeoutMs: undefined });
      }
      const answer = await toAnswer(waited);
      line.answers();
      return { ...answer, headers: { ...toCostHeaders(waited), ...answer.headers } };
    };
    const ending = toEnd();
    const ended = await within(ending, keepAliveMs, clock);
    if (ended) return sendJson(reply, ended, media);
    reply.code(200).type('application/json; charset=utf-8');
    return reply.send(Readable.from(keepAlive(ending), { objectMode: false }));
  }

  async function tell(call: FastifyRequest, reply: FastifyReply, told: Told): Promise<void> {
    const { request, line, toStart, toEnd, toError, keepsAliveBy } = told;
    const sink = new EventSink(reply, clock);
    const toFrames = (events: readonly StreamEvent[]) => Promise.all(events.map((event) => toFrame(event, media)));
    const toLast = async () => {
      const frames = await toFrames(await toEnd(await wait(call, request, { line, timeoutMs: undefined })));
      line.answers();
      return frames;
    };
    try {
      const first = await toFrames(toStart?.(request) ?? []);
      await sink.write(...first.flat());
      const end = toLast().catch((error: unknown) => toFrames(toError(toToldProblem(error))));
      let isInEvent = false;
      for (;;) {
        const last = await within(end, silentMs, clock);
        if (last) {
          await sink.write(...last.flat().slice(isInEvent ? 1 : 0));
          break;
        }
        if (keepsAliveBy !== 'space') sink.offer(': alive\n\n');
        else if (isInEvent) sink.offer(' ');
        else await sink.write(eventHead);
        isInEvent = keepsAliveBy === 'space';
      }
      sink.end();
    } catch (error) {
      // An event that has begun can only be cut off.
      logger.error({ event: 'stream.broken', request_id: request.id, err: error });
      sink.cutOff();
    }
  }

  /** White space until the answer is there; then its body, whatever its status would have been. */
  async function* keepAlive(ending: Promise<JsonAnswer>): AsyncGenerator<Buffer> {
    const told = ending
      .then(({ body }) => toJson(body, media))
      .catch((error: unknown) => toJson(toErrorReply(toToldProblem(error)).body, media));
    let text: JsonText | undefined;
    do {
      yield Buffer.from('\n');
      text = await within(told, silentMs, clock);
    } while (!text);
    yield* text.chunks();
  }

  function toToldProblem(error: unknown): Problem {
    if (error instanceof Problem) return error;
    logger.error({ event: 'call.failed', err: error });
    return toFault(error instanceof Error ? error : new Error(String(error)));
  }
}

type Line = Pick<ClientLine, 'gone' | 'answers'>;

interface Begun extends Omit<JsonCall, 'submission'> {
  readonly request: ImageRequest;
  readonly line: ClientLine;
}

interface Told extends StreamWords {
  readonly request: ImageRequest;
  readonly line: Line;
}

interface Waiting {
  readonly line: Line;
  readonly timeoutMs: number | undefined;
}

/** Until a little after the deadline, at which the request fails. */
function toEndMs({ deadlineAt }: ImageRequest, clock: Clock): number {
  return Math.max(deadlineAt - clock.now(), 0) + 60_000;
}

function createStopping(): Problem {
  const message =
    'The service is stopping while the picture is being made: repeat the same call to continue waiting for it.';
  return new Problem('overloaded', message, { retryAfterSeconds: 2 });
}

/** The result, when it is there within the time. Rejects when it rejects within the time. */
async function within<T>(result: Promise<T>, ms: number, clock: Clock): Promise<T | undefined> {
  // It is awaited again; a rejection in between is not unhandled.
  result.catch(() => undefined);
  const enough = new AbortController();
  try {
    return await Promise.race([result, clock.sleep(ms, enough.signal).then(() => undefined)]);
  } finally {
    enough.abort();
  }
}

function toRepeat(
  { url, headers, caller, sentJson }: FastifyRequest,
  { wire, idempotency, bodyHash = sentJson?.hash }: LongSubmission,
): Submission['repeat'] {
  if (bodyHash === undefined) return undefined;
  const [path] = url.split('?', 1);
  // Sent by the SDKs of OpenAI and of those who generate theirs in the same way, with every try.
  const tries = Number(headers['x-stainless-retry-count'] ?? 0);
  // Whoever gives another key means another request, and whoever gives the same one means the same.
  const hash = [caller.organizationId, wire, path, bodyHash, idempotency?.key ?? []].flat();
  return { hash: hash.join(' '), isRetry: tries > 0 || idempotency !== undefined };
}

/** What a request cost, and the real pixels of what it made. */
function toCostHeaders({ outcome, costMicros }: ImageRequest): Readonly<Record<string, string>> {
  const sizes = outcome?.kind === 'success' ? outcome.pictures.map(({ width, height }) => `${width}x${height}`) : [];
  return {
    ...(outcome && { 'x-darkroom-cost-usd': String(toDollars(costMicros)) }),
    ...(sizes.length > 0 && { 'x-darkroom-sizes': sizes.join(', ') }),
  };
}

async function toFrame({ event, data }: StreamEvent, media: Pictures): Promise<(string | AsyncIterable<string>)[]> {
  const head = event === undefined ? eventHead : `event: ${event}\n${eventHead}`;
  if (typeof data === 'string') return [`${head}${data}\n\n`];
  const { chunks } = await toJson(data, media);
  return [head, toTexts(chunks()), '\n\n'];
}

/** JSON text is cut between characters: a piece with pictures is ASCII, and the others are whole texts. */
async function* toTexts(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield chunk.toString('utf8');
}
