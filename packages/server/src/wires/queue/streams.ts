import type { RequestStatus } from '@darkroom/protocol';
import { isEnded } from '../../core/lifecycle.ts';
import { type RequestEvent, toStatus } from '../../core/request-events.ts';
import type { EventHub, StreamQuery } from '../../events/event-hub.ts';
import { ReaderTooSlowError } from '../../events/event-reader.ts';
import type { EventSink } from '../../http/event-sink.ts';
import type { Beat, Pulse } from '../../http/pulse.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { RequestStore } from '../../store/request-store.ts';
import { toEndFrame, toEventText, toProgressText, toStreamHead } from './records/events.ts';
import type { RecordSender } from './records/record-sender.ts';

export interface StreamContext {
  readonly store: Pick<RequestStore, 'find'>;
  readonly hub: EventHub;
  readonly records: Pick<RecordSender, 'toBody'>;
  readonly pulse: Pulse;
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** After this time the client has to reconnect. */
const lifeMs = 3_600_000;
const queueEveryMs = 2_000;
const progressEveryMs = 5_000;

/** Sends the events of a request, and its state between them. The last event of a request that has ended is its record. */
export async function streamRequest(
  query: StreamQuery & { readonly requestId: string },
  context: StreamContext & { readonly status: RequestStatus },
): Promise<void> {
  const { sink, store, hub, records } = context;
  let last: RequestEvent | undefined;
  const between = new Interim(query, context);
  await stream(query, {
    ...context,
    onBeat: (beat) => between.tell(beat),
    onEvent: (event) => {
      between.see(event);
      last = event;
      return toEventText(event);
    },
    onEnd: async (lastSeq) => {
      // When the hub has stopped, the stream has no end event: the client continues elsewhere.
      if (!between.hasEnded) return;
      const found = await (last ? hub.findAfter(last) : store.find(query.organizationId, query.requestId));
      if (!found) return;
      const { head, tail } = toEndFrame(lastSeq);
      const body = await records.toBody(found);
      await (typeof body === 'string' ? sink.write(head + body + tail) : sink.write(head, body, tail));
    },
  });
}

/** Sends every change of status of the organization's requests. */
export function streamOrganization(query: StreamQuery, context: StreamContext): Promise<void> {
  return stream(query, {
    ...context,
    onBeat: () => undefined,
    onEvent: (event) => (toStatus(event.moment) === undefined ? undefined : toEventText(event)),
    onEnd: async () => undefined,
  });
}

interface Course extends StreamContext {
  readonly onBeat: (beat: Beat) => void;
  /** The text of an event; `undefined`: it is not sent. */
  readonly onEvent: (event: RequestEvent) => string | undefined;
  /** There are no more events, and the client is still there. */
  readonly onEnd: (lastSeq: number) => Promise<void>;
}

async function stream(query: StreamQuery, course: Course): Promise<void> {
  const { hub, pulse, sink, clock, logger, onBeat, onEvent, onEnd } = course;
  const closeAt = clock.now() + lifeMs;
  const leave = pulse.join((beat) => {
    // Also when its time is over: what is being written is not cut.
    if (sink.isBusy) return;
    if (beat.now >= closeAt) return sink.end();
    onBeat(beat);
    sink.beat(beat.now);
  });
  try {
    let lastSeq = query.after;
    await sink.write(toStreamHead(query.after));
    for await (const event of hub.stream(query, sink.signal)) {
      lastSeq = event.seq;
      const text = onEvent(event);
      if (text !== undefined) await sink.write(text);
    }
    if (!sink.signal.aborted) await onEnd(lastSeq);
    sink.end();
  } catch (error) {
    // An answer that has begun can only be cut off.
    if (!(error instanceof ReaderTooSlowError)) logger.error({ event: 'stream.broken', err: error });
    sink.cutOff();
  } finally {
    leave();
  }
}

/** What is sent between the events of a request: its position while it is queued, its progress while it is processed. */
class Interim {
  readonly #query: StreamQuery & { readonly requestId: string };
  readonly #context: StreamContext;
  #status: RequestStatus;
  #queueText: string | undefined;
  #lookedAt = 0;
  #progressAt = 0;

  constructor(
    query: StreamQuery & { readonly requestId: string },
    context: StreamContext & { readonly status: RequestStatus },
  ) {
    this.#query = query;
    this.#context = context;
    this.#status = context.status;
  }

  see({ moment }: RequestEvent): void {
    this.#status = toStatus(moment) ?? this.#status;
  }

  get hasEnded(): boolean {
    return isEnded(this.#status);
  }

  tell(beat: Beat): void {
    if (this.#status === 'queued') this.#tellQueue(beat);
    if (this.#status === 'processing') this.#tellProgress(beat);
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
        this.#context.sink.offer(text);
      },
      (error: unknown) => this.#context.logger.error({ event: 'queue.unread', request_id: requestId, err: error }),
    );
  }

  #tellProgress({ now }: Beat): void {
    const { hub, sink } = this.#context;
    const underWay = hub.speed.underWay(this.#query.requestId);
    if (!underWay || now - this.#progressAt < progressEveryMs) return;
    this.#progressAt = now;
    sink.offer(toProgressText(underWay, { now, typicalMs: hub.speed.typicalMs }));
  }
}
