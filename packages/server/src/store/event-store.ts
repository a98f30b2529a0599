import type { EndedMinute } from '../core/ended-minutes.ts';
import type { RequestEvent } from '../core/request-events.ts';

/**
 * The history of the requests. The methods of `RequestStore` write it, each event in the transaction of the change that it
 * describes; here it is read. Promise: a reader that has read up to `seq` and asks for what comes after it gets every later
 * event once and in order, whatever is written in the meantime.
 */
export interface EventStore {
  /** Events of all requests after `seq`, in order, at most `limit`. */
  readAfter(seq: number, limit: number): Promise<readonly RequestEvent[]>;
  /** The events of one request; empty when the organization has no request of this id. */
  ofRequest(
    organizationId: string,
    requestId: string,
    query: { readonly after: number; readonly limit: number },
  ): Promise<readonly RequestEvent[]>;
  /** The events of all requests of the organization. */
  ofOrganization(
    organizationId: string,
    query: { readonly after: number; readonly limit: number },
  ): Promise<readonly RequestEvent[]>;
  /** The `seq` of the last event; 0 when there is none. */
  last(): Promise<number>;
  /**
   * The position of a queued request: how many requests of its model are served before it in the fair order if none is added or
   * removed. Exact up to a thousand; beyond that it is an estimate within its own lane, and at most a thousand other
   * organizations count. `undefined` when it is not queued, or not known to be due before the next claim. The cost does not
   * grow with the queue.
   */
  position(organizationId: string, requestId: string): Promise<number | undefined>;
  /**
   * How many requests of all organizations ended in each minute, from the minute of `since` on, oldest first; minutes without
   * ends are left out. The last hour is always there, whatever happens to the requests. The cost does not grow with them.
   */
  endedMinutes(since: number): Promise<readonly EndedMinute[]>;
}
