import type { ImageRequest } from '../core/image-request.ts';
import { isEnded } from '../core/lifecycle.ts';
import { isFinal, type RequestEvent } from '../core/request-events.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import type { EventStore } from '../store/event-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import { EventTail } from './event-tail.ts';
import { followOrganization } from './follow.ts';
import type { Notifier } from './notifier.ts';
import { type Follower, RequestFollow, type RequestQuery } from './request-follow.ts';
import { Speed } from './speed.ts';

/** Every caller that waits for a request waits here. */
export interface EventHub extends Service {
  /**
   * Resolves to the request when it has ended, or as it is after `timeoutMs`, when `signal` aborts or when the hub
   * stops. Resolves to `undefined` when the organization has no request with this id.
   */
  waitForEnd(
    organizationId: string,
    requestId: string,
    wait: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<ImageRequest | undefined>;
  /**
   * Tells the follower the events of the request after `after`: first those that exist, then the others as they come, in order, without a
   * repeat or a gap, until the one that ended it. Later events belong to no stream of the request, unless it is queued again. Call `leave` of
   * what is returned when the follower has gone.
   */
  follow(query: RequestQuery, follower: Follower): { leave(): void };
  /**
   * The events of all requests of the organization, in the same way. Ends when `signal` aborts or the hub stops. Throws
   * `ReaderTooSlowError` when the reader leaves too many events unread.
   */
  followOrganization(query: Omit<RequestQuery, 'requestId'>, signal: AbortSignal): AsyncIterable<RequestEvent>;
  /** The request as it is after this event, or after a later one. All that ask about the same event share one read. */
  findAfter(event: RequestEvent): Promise<ImageRequest | undefined>;
  readonly speed: Pick<Speed, 'underWay' | 'typicalMs' | 'toWaitMs'>;
}

export interface EventHubOptions {
  readonly events: EventStore;
  readonly requests: Pick<RequestStore, 'find'>;
  readonly notifier: Pick<Notifier, 'onChanged'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Without a reason of ours, each abort would make an error with its stack. A crowd wakes at once. */
const woken = 'The request may have ended.';

export function createEventHub(options: EventHubOptions): EventHub {
  const { requests, clock } = options;
  const speed = new Speed();
  const tail = new EventTail({ ...options, onEvent: (event) => speed.see(event) });

  const reads = new WeakMap<RequestEvent, Promise<ImageRequest | undefined>>();
  const findAfter: EventHub['findAfter'] = (event) => {
    const read = reads.get(event) ?? requests.find(event.organizationId, event.requestId);
    reads.set(event, read);
    return read;
  };

  const waitForEnd: EventHub['waitForEnd'] = async (organizationId, requestId, { timeoutMs, signal }) => {
    const until = clock.now() + timeoutMs;
    let end: RequestEvent | undefined;
    let isOver = false;
    /** While it sleeps. */
    let wake: AbortController | undefined;
    const giveUp = () => {
      isOver = true;
      wake?.abort(woken);
    };
    const tell = (event: RequestEvent) => {
      if (!isFinal(event.moment) || event.organizationId !== organizationId) return;
      end = event;
      wake?.abort(woken);
    };
    const forget = tail.listen({ requestId }, { tell, stop: giveUp });
    signal.addEventListener('abort', giveUp);
    try {
      for (;;) {
        const heard = end;
        const found = await (heard ? findAfter(heard) : requests.find(organizationId, requestId));
        const leftMs = until - clock.now();
        if (!found || isEnded(found.status) || isOver || signal.aborted || leftMs <= 0) return found;
        // An end that came meanwhile is looked at first.
        if (end !== heard) continue;
        end = undefined;
        wake = new AbortController();
        await clock.sleep(leftMs, wake.signal);
        wake = undefined;
      }
    } finally {
      forget();
      signal.removeEventListener('abort', giveUp);
    }
  };

  const following = { ...options, findAfter, tail };
  return {
    start: () => tail.start(),
    stop: () => tail.stop(),
    waitForEnd,
    findAfter,
    follow: (query, follower) => new RequestFollow(query, follower, following),
    followOrganization: (query, signal) => followOrganization(query, { ...options, tail, signal }),
    speed,
  };
}
