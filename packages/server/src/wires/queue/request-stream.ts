import type { RequestStatus } from '@darkroom/protocol';
import type { ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import { type RequestEvent, toStatus } from '../../core/request-events.ts';
import type { EventHub } from '../../events/event-hub.ts';
import type { Follower, RequestQuery } from '../../events/request-follow.ts';
import type { EventSink } from '../../http/event-sink.ts';
import type { Beat, Pulse } from '../../http/pulse.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { RequestStore } from '../../store/request-store.ts';
import { toEndFrame, toEventText, toProgressText, toStreamHead } from './records/events.ts';
import type { RecordSender } from './records/record-sender.ts';

/** What all streams share. */
export interface StreamContext {
  readonly store: Pick<RequestStore, 'find'>;
  readonly hub: EventHub;
  readonly records: Pick<RecordSender, 'toBody'>;
  readonly pulse: Pulse;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** After this time the client has to reconnect. */
export const lifeMs = 3_600_000;
const queueEveryMs = 2_000;
const progressEveryMs = 5_000;

/**
 * One open stream of a request's events: sends them, and the request's state between them. The last event of a request that has ended is
 * its record. A crowd follows the same request, so what an open stream keeps is this object and its sink.
 */
export class RequestStream implements Follower {
  readonly #query: RequestQuery;
  readonly #sink: EventSink;
  readonly #context: StreamContext;
  readonly #closeAt: number;
  #status: RequestStatus;
  #queueText: string | undefined;
  #lookedAt = 0;
  #progressAt = 0;

  constructor(
    query: RequestQuery,
    {
      sink,
      status,
      context,
    }: { readonly sink: EventSink; readonly status: RequestStatus; readonly context: StreamContext },
  ) {
    this.#query = query;
    this.#sink = sink;
    this.#status = status;
    this.#context = context;
    this.#closeAt = context.clock.now() + lifeMs;
    sink.push(toStreamHead(query.after));
    const following = context.hub.follow(query, this);
    const leave = context.pulse.join((beat) => this.#beat(beat));
    const onOver = () => {
      following.leave();
      leave();
    };
    if (sink.isOver) onOver();
    else sink.onOver(onOver);
  }

  tell(event: RequestEvent): void {
    this.#status = toStatus(event.moment) ?? this.#status;
    this.#sink.push(toEventText(event));
  }

  end(last: RequestEvent | undefined): void {
    (last ? findEnd(last, this.#context) : this.#findEnd()).then(
      (texts) => this.#sink.pushLast(...texts),
      (error: unknown) => this.fail(error),
    );
  }

  /** The stream has no end event: the client continues elsewhere. */
  stop(): void {
    this.#sink.pushLast();
  }

  /** An answer that has begun can only be cut off. */
  fail(error: unknown): void {
    this.#context.logger.error({ event: 'stream.broken', err: error });
    this.#sink.cutOff();
  }

  async #findEnd(): Promise<readonly Text[]> {
    const { organizationId, requestId, after } = this.#query;
    const found = await this.#context.store.find(organizationId, requestId);
    return found ? toEnd(found, after, this.#context) : [];
  }

  #beat(beat: Beat): void {
    // Also when its time is over: what is being written is not cut.
    if (this.#sink.isBusy) return;
    if (beat.now >= this.#closeAt) {
      this.#sink.end();
      return;
    }
    if (this.#status === 'queued') this.#tellQueue(beat);
    if (this.#status === 'processing') this.#tellProgress(beat);
    this.#sink.beat(beat.now);
  }

  #tellQueue({ now, look }: Beat): void {
    if (now - this.#lookedAt < queueEveryMs) return;
    const { organizationId, requestId } = this.#query;
    const looking = look(organizationId, requestId);
    if (!looking) return;
    this.#lookedAt = now;
    looking.then(
      (text) => {
        // It may have been claimed meanwhile.
        if (text === undefined || text === this.#queueText || this.#status !== 'queued') return;
        this.#queueText = text;
        this.#sink.offer(text);
      },
      (error: unknown) => this.#context.logger.error({ event: 'queue.unread', request_id: requestId, err: error }),
    );
  }

  #tellProgress({ now }: Beat): void {
    if (now - this.#progressAt < progressEveryMs) return;
    const { speed } = this.#context.hub;
    const underWay = speed.underWay(this.#query.requestId);
    if (!underWay) return;
    this.#progressAt = now;
    this.#sink.offer(toProgressText(underWay, { now, typicalMs: speed.typicalMs }));
  }
}

type Text = string | AsyncIterable<string>;

/** All streams that end with an event as it happens share its object, and so the text of their end. A record in pieces has none. */
const ends = new WeakMap<RequestEvent, Promise<string | undefined>>();

async function findEnd(last: RequestEvent, context: StreamContext): Promise<readonly Text[]> {
  const shared = ends.get(last) ?? findEndTexts(last, context).then(joinWhole);
  ends.set(last, shared);
  const text = await shared;
  return text === undefined ? findEndTexts(last, context) : [text];
}

async function findEndTexts(last: RequestEvent, context: StreamContext): Promise<readonly Text[]> {
  const found = await context.hub.findAfter(last);
  return [toEventText(last), ...(found ? await toEnd(found, last.seq, context) : [])];
}

function joinWhole(texts: readonly Text[]): string | undefined {
  return texts.every((text) => typeof text === 'string') ? texts.join('') : undefined;
}

/** The event that holds the record, if the request has ended. */
async function toEnd(
  found: ImageRequest,
  lastSeq: number,
  { records, logger }: StreamContext,
): Promise<readonly Text[]> {
  if (!isEnded(found.status)) return [];
  const { head, tail } = toEndFrame(lastSeq);
  const body = await records.toBody(found);
  return typeof body === 'string' ? [head + body + tail] : [head, logBroken(body, logger), tail];
}

async function* logBroken(texts: AsyncIterable<string>, logger: Logger): AsyncGenerator<string> {
  try {
    yield* texts;
  } catch (error) {
    logger.error({ event: 'stream.broken', err: error });
    throw error;
  }
}
