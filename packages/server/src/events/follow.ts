import type { RequestEvent } from '../core/request-events.ts';
import type { EventStore } from '../store/event-store.ts';
import { EventReader } from './event-reader.ts';
import type { EventTail, Topic } from './event-tail.ts';

export interface FollowContext {
  readonly events: EventStore;
  readonly tail: Pick<EventTail, 'listen'>;
  readonly signal: AbortSignal;
}

const pageSize = 500;

/** `EventHub.followOrganization`. */
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
