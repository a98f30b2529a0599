import { isEnded } from '../core/lifecycle.ts';
import { isFinal, type RequestEvent, toStatus } from '../core/request-events.ts';
import type { EventStore } from '../store/event-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { EventHub } from './event-hub.ts';
import { EventReader } from './event-reader.ts';
import type { EventTail, Topic } from './event-tail.ts';
import { readHistory } from './history.ts';

export interface FollowContext {
  readonly events: EventStore;
  readonly requests: Pick<RequestStore, 'find'>;
  readonly findAfter: EventHub['findAfter'];
  readonly tail: Pick<EventTail, 'listen'>;
  readonly signal: AbortSignal;
}

const pageSize = 500;

/** `EventHub.stream` of one request. */
export async function* followRequest(
  { organizationId, requestId, after }: { organizationId: string; requestId: string; after: number },
  context: FollowContext,
): AsyncGenerator<RequestEvent> {
  using live = listen({ requestId }, context);
  const found = await context.requests.find(organizationId, requestId);
  if (!found) return;
  const history = await readHistory(context.events, { organizationId, requestId, after });
  const turn = history.findLast(({ moment }) => toStatus(moment) !== undefined);
  const hasEnded = turn ? isFinal(turn.moment) : isEnded(found.status);
  // An event after the end, a webhook's for example, would appear only in the streams of readers that come late.
  yield* hasEnded ? history.filter(({ seq }) => turn && seq <= turn.seq) : history;
  if (hasEnded) return;
  for await (const event of live.after(history.at(-1)?.seq ?? after)) {
    yield event;
    if (!isFinal(event.moment)) continue;
    const ended = await context.findAfter(event);
    if (!ended || isEnded(ended.status)) return;
  }
}

/** `EventHub.stream` of a whole organization. */
export async function* followOrganization(
  { organizationId, after }: { organizationId: string; after: number },
  context: FollowContext,
): AsyncGenerator<RequestEvent> {
  const { events, signal } = context;
  let told = after;
  const catchUp = async function* () {
    for (;;) {
      const page = await events.ofOrganization(organizationId, { after: told, limit: pageSize });
      for (const event of page) {
        if (signal.aborted) return;
        told = event.seq;
        yield event;
      }
      if (page.length < pageSize) return;
    }
  };
  // Catches up once before listening: events that come while a long history is sent must not fill the reader's buffer.
  yield* catchUp();
  using live = listen({ organizationId }, context);
  yield* catchUp();
  yield* live.after(told);
}

function listen(topic: Topic, { tail, signal }: FollowContext) {
  const reader = new EventReader();
  const stop = () => reader.stop();
  const forget = tail.listen(topic, reader);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return {
    /** New events, without the known ones. */
    async *after(seq: number): AsyncGenerator<RequestEvent> {
      for (;;) {
        const events = await reader.take();
        if (events.length === 0) return;
        for (const event of events) if (event.seq > seq) yield event;
      }
    },
    [Symbol.dispose]: () => {
      forget();
      signal.removeEventListener('abort', stop);
    },
  };
}
