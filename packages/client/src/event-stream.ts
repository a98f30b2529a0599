import type { CallOptions, Send } from './call.ts';
import { DarkroomError } from './darkroom-error.ts';
import { type BackOff, pause, toJitter } from './pause.ts';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';
import type {
  AttemptEventRecord,
  ProgressRecord,
  QueueRecord,
  RequestRecord,
  StatusEventRecord,
  WebhookEventRecord,
} from './shapes.ts';

interface Received<Kind extends string, Data> {
  readonly kind: Kind;
  readonly data: Data;
  /** A stream that starts after this id continues with the next event. */
  readonly lastEventId: string;
}

/** `queue` and `progress` arrive between the others. `end`, with the record, is the last event. */
export type RequestEvent =
  | Received<'status', StatusEventRecord>
  | Received<'attempt', AttemptEventRecord>
  | Received<'webhook', WebhookEventRecord>
  | Received<'queue', QueueRecord>
  | Received<'progress', ProgressRecord>
  | Received<'end', RequestRecord>;

export type StatusEvent = Extract<RequestEvent, { readonly kind: 'status' }>;

export interface EventsOptions extends CallOptions {
  /** Start after this event. Default: with the first one. */
  readonly lastEventId?: string;
}

const kinds: Readonly<Record<RequestEvent['kind'], true>> = {
  status: true,
  attempt: true,
  webhook: true,
  queue: true,
  progress: true,
  end: true,
};

/** The server sends something every 15 seconds. A connection that is silent for longer than this is dead. */
const longestSilenceMs = 45_000;

/**
 * Follows a stream across connections. When a connection breaks or cannot be made, it reconnects after the last event
 * received, until the end is received or `signal` aborts. Throws a `DarkroomError` when the server refuses the stream.
 */
export async function* followEvents(
  send: Send,
  path: string,
  { lastEventId, signal }: EventsOptions,
): AsyncGenerator<RequestEvent, void, undefined> {
  const place: Place = { lastEventId, failures: 0, backOff: { firstMs: 1_000, longestMs: 30_000 } };
  for (;;) {
    try {
      const isOver = yield* readConnection(send, path, { place, signal });
      if (isOver) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof DarkroomError && error.status < 500 && error.status !== 429) throw error;
    }
    await pause(toJitter(place.failures, place.backOff), signal);
    place.failures += 1;
  }
}

interface Place {
  lastEventId: string | undefined;
  /** Connections in a row that received nothing. */
  failures: number;
  backOff: BackOff;
}

interface Course {
  readonly place: Place;
  readonly signal: AbortSignal | undefined;
}

/** Reads one connection. Returns whether the end was received. */
async function* readConnection(
  send: Send,
  path: string,
  { place, signal }: Course,
): AsyncGenerator<RequestEvent, boolean> {
  const silence = createSilenceWatch();
  try {
    const response = await send('GET', path, {
      headers: { ...(place.lastEventId !== undefined && { 'last-event-id': place.lastEventId }) },
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    });
    // 204: there are no more events.
    if (response.status === 204 || !response.body) return true;
    for await (const block of readServerSentEvents(response.body, silence.restart)) {
      remember(place, block);
      const event = toRequestEvent(block, place.lastEventId);
      if (event) yield event;
      if (event?.kind === 'end') return true;
    }
    return false;
  } finally {
    silence.end();
  }
}

function remember(place: Place, { id, retryMs }: ServerSentEvent): void {
  place.failures = 0;
  if (id !== undefined) place.lastEventId = id;
  if (retryMs !== undefined) place.backOff = { ...place.backOff, firstMs: retryMs };
}

/** `undefined` for a block without data, and for an event kind of a newer server. */
function toRequestEvent({ event, data }: ServerSentEvent, lastEventId = ''): RequestEvent | undefined {
  if (data === undefined || event === undefined || !Object.hasOwn(kinds, event)) return undefined;
  return { kind: event, data: JSON.parse(data), lastEventId } as RequestEvent; // the server types the data with the same schemas
}

function createSilenceWatch() {
  const over = new AbortController();
  const start = () => setTimeout(() => over.abort(new Error('The stream was silent for too long.')), longestSilenceMs);
  let timer = start();
  return {
    signal: over.signal,
    restart: () => {
      clearTimeout(timer);
      timer = start();
    },
    end: () => clearTimeout(timer),
  };
}
