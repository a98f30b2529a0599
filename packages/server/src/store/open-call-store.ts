import type { ImageRequest } from '../core/image-request.ts';
import type { OpenCall, Replayed } from './request-store.ts';

/**
 * Open calls: the calls of callers that stay open until their request has ended. A client whose line is cut makes its call again,
 * and the same call joins the request of the first one. `RequestStore.submit` keeps a row for each such call, by the request that
 * it made. Writes are atomic, and durable before they resolve; no cost grows with the number of rows.
 */
export interface OpenCallStore {
  /**
   * Joins the newest request of the organization that the same call of the same key has made and that all its clients have left, within the last
   * `rejoinMs`. A call that is a retry also joins a request that clients still wait for, when there is none that was left: the
   * process that served them may have been killed. Only requests that are open or have succeeded are joined. Of several calls at
   * the same time that are no retries, one joins a request that was left.
   */
  join(call: OpenCall & CallOwner, now: number): Promise<Replayed | undefined>;
  /** A client has its answer: the row is removed. Does nothing when there is none. */
  end(requestId: string): Promise<void>;
  /** A client has gone without its answer. Does nothing when the request has no row, or when all its clients have left before. */
  leave(requestId: string, now: number): Promise<void>;
  /** Forgets up to `limit` rows that are older than `openCallMs`. Resolves to how many. */
  forget(query: { readonly now: number; readonly limit: number }): Promise<number>;
}

/** On whose behalf a call is made. */
export type CallOwner = Pick<ImageRequest, 'organizationId' | 'apiKeyId'>;

/** How long a request can be joined after its last client has left. */
export const rejoinMs = 3_600_000;

/** An open call counts for this time, and its row is removed afterwards. */
export const openCallMs = 25 * 3_600_000;
