import type { EndedMinute } from '../core/ended-minutes.ts';
import type { RequestEvent } from '../core/request-events.ts';

/**
 * The history of the requests. It is written by the methods of `RequestStore`, each event in the transaction of what it
 * tells of; here it is read. Promise: who has read up to `seq` and asks for what comes after it gets every later event
 * once, in order, whatever is written meanwhile.
 */
export interface EventStore {
  /** Events of all requests after `seq`, in order, at most `limit`. */
  readAfter(seq: number, limit: number): Promise<readonly RequestEvent[]>;
  /** Those of one request of the organization; empty when it has none of this id. */
  ofRequest(
    organizationId: string,
    requestId: string,
    query: { readonly after: number; readonly limit: number },
  ): Promise<readonly RequestEvent[]>;
  /** Those of all requests of the organization. */
  ofOrganization(
    organizationId: string,
    query: { readonly after: number; readonly limit: number },
  ): Promise<readonly RequestEvent[]>;
  /** The `seq` of the last event; 0 when there is none. */
  last(): Promise<number>;
  /**
   * Where a queued request stands: how many of its model are served before it in the fair order, were nothing to come or go.
   * Exact up to a thousand; beyond, an estimate within its own lane, and no more than a thousand other organizations count.
   * `undefined` when it is not queued, or not known to be due before the next claim. The cost does not grow with the queue.
   */
  position(organizationId: string, requestId: string): Promise<number | undefined>;
  /**
   * How many requests of all organizations ended in each minute, from that of `since` on, oldest first; minutes in which none did
   * are left out. The last hour is there, whatever happens to the requests. The cost does not grow with them.
   */
  endedMinutes(since: number): Promise<readonly EndedMinute[]>;
}
