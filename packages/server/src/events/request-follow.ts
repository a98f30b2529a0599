import { isEnded } from '../core/lifecycle.ts';
import { isFinal, type RequestEvent, toStatus } from '../core/request-events.ts';
import type { EventStore } from '../store/event-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { EventHub } from './event-hub.ts';
import type { EventTail, TailListener } from './event-tail.ts';
import { readHistory } from './history.ts';

/** Hears the events of a request. Nothing is told after `end`, `stop` or `fail`. None of the functions may throw. */
export interface Follower {
  /** The next event. */
  tell(event: RequestEvent): void;
  /** The last event, with which the request has ended; `undefined` when the follower knew it already. */
  end(last: RequestEvent | undefined): void;
  /** The process shuts down, although the request may go on. */
  stop(): void;
  /** The store could not be read. */
  fail(error: unknown): void;
}

export interface RequestQuery {
  readonly organizationId: string;
  readonly requestId: string;
  /** The `seq` of the last known event. */
  readonly after: number;
}

export interface RequestFollowContext {
  readonly events: EventStore;
  readonly requests: Pick<RequestStore, 'find'>;
  readonly findAfter: EventHub['findAfter'];
  readonly tail: Pick<EventTail, 'listen'>;
}

/** `EventHub.follow`. A crowd follows the same request, so this is one small object, and no function waits in it. */
export class RequestFollow implements TailListener {
  readonly #query: RequestQuery;
  readonly #follower: Follower;
  readonly #context: RequestFollowContext;
  readonly #forget: () => void;
  #last: number;
  /** Events that came while the store is read. */
  #early: RequestEvent[] | undefined = [];
  #isOver = false;

  constructor(query: RequestQuery, follower: Follower, context: RequestFollowContext) {
    this.#query = query;
    this.#follower = follower;
    this.#context = context;
    this.#last = query.after;
    this.#forget = context.tail.listen({ requestId: query.requestId }, this);
    this.#tellHistory().catch((error: unknown) => this.#fail(error));
  }

  leave(): void {
    this.#isOver = true;
    this.#forget();
  }

  tell(event: RequestEvent): void {
    if (this.#early) this.#early.push(event);
    else if (event.seq > this.#last) this.#pass(event);
  }

  stop(): void {
    if (this.#isOver) return;
    this.leave();
    this.#follower.stop();
  }

  async #tellHistory(): Promise<void> {
    const { events, requests } = this.#context;
    const { organizationId, requestId } = this.#query;
    const found = await requests.find(organizationId, requestId);
    const history = found ? await readHistory(events, this.#query) : [];
    const turn = history.findLast(({ moment }) => toStatus(moment) !== undefined);
    const hasEnded = turn ? isFinal(turn.moment) : !found || isEnded(found.status);
    for (const event of history) {
      if (this.#isOver) return;
      // An event after the end, a webhook's for example, would appear only in the streams of readers that come late.
      if (hasEnded && (!turn || event === turn)) break;
      this.#last = event.seq;
      this.#follower.tell(event);
    }
    if (hasEnded) this.#end(turn);
    else this.#tellEarly();
  }

  #pass(event: RequestEvent): void {
    this.#last = event.seq;
    if (!isFinal(event.moment)) {
      this.#follower.tell(event);
      return;
    }
    // Until it is known whether the request was queued again meanwhile.
    this.#early = [];
    this.#context.findAfter(event).then(
      (found) => {
        if (!found || isEnded(found.status)) this.#end(event);
        else this.#goOn(event);
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #goOn(event: RequestEvent): void {
    if (this.#isOver) return;
    this.#follower.tell(event);
    this.#tellEarly();
  }

  #tellEarly(): void {
    const early = this.#early;
    this.#early = undefined;
    for (const event of early ?? []) if (!this.#isOver) this.tell(event);
  }

  #end(last: RequestEvent | undefined): void {
    if (this.#isOver) return;
    this.leave();
    this.#follower.end(last);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.leave();
    this.#follower.fail(error);
  }
}
