import type { RequestStatus } from '@darkroom/protocol';
import type { Attempt, CallEnd, ImageRequest, KeptAnswer, Lease, Verdict } from '../core/image-request.ts';
import type { Order } from '../core/order.ts';

/**
 * The room of the rows. The request row is the queue: there is no second record that could disagree with it. Every
 * change of status is one guarded write, and every promise below holds across `kill -9` and for any number of
 * processes on the same store.
 *
 * Promises of every method that writes: it is atomic; it is durable (flushed to the disk) before it resolves; when it
 * rejects, nothing of it is kept. Writes that arrive in one turn of the event loop may share one commit. `now` is always
 * the caller's clock, in milliseconds since 1970.
 */
export interface RequestStore {
  /** Keeps a new request as `queued`, due at once. Rejects when the id exists. */
  submit(request: NewRequest): Promise<ImageRequest>;

  /** The request, when it belongs to the organization; otherwise `undefined`, as if it did not exist. */
  find(organizationId: string, id: string): Promise<ImageRequest | undefined>;

  /**
   * The organization's requests, newest (greatest id) first, at most `limit`, after `offset` others or after `cursor`.
   * `total` counts all that fit the filters, whatever the cursor. The cost does not grow with the number of rows, only
   * with `offset`.
   */
  list(query: ListQuery): Promise<RequestPage>;

  /** The attempt log of a request of the organization, in order of number and image; empty when there is no such request. */
  attempts(organizationId: string, requestId: string): Promise<readonly Attempt[]>;

  /**
   * Takes up to `limit` requests that are queued and due: `processing`, attempt + 1, a new lease until
   * `now + leaseMs`. Organizations take turns, one request a turn; within an organization the higher priority goes first,
   * then the older request. No request is ever given to two holders at the same time. The cost does not grow with the
   * number of queued rows, nor with the number that wait for a later time. A request whose deadline is over and which
   * `expire` has not reached yet may be among them: its holder looks before it sends anything.
   */
  claim(query: ClaimQuery): Promise<ClaimResult>;

  /**
   * Prolongs leases until `now + leaseMs`. Resolves to those that are no longer held; their workers must stop. A lease
   * that has run out is still held, and can be prolonged or settled, until somebody rescues its request.
   */
  renew(leases: readonly Lease[], query: { readonly now: number; readonly leaseMs: number }): Promise<readonly Lease[]>;

  /**
   * Writes one line a call to the attempt log, before the calls are sent. Resolves to `false`, and writes nothing, when
   * the lease is no longer held: then nothing may be sent. Rejects when a line for one of the images of this attempt
   * exists.
   */
  beginCalls(lease: Lease, calls: { readonly imageIndexes: readonly number[]; readonly now: number }): Promise<boolean>;

  /**
   * Writes how calls ended while others of the same attempt are still under way. Does not need the lease: what a call has
   * cost is true also when the request has moved on. A line that has ended otherwise than `lost` is not written again;
   * a `lost` one is, since the late answer tells what really happened. Adds the cost of the lines that it wrote to the
   * request.
   */
  endCalls(lease: Lease, ends: readonly CallEnd[]): Promise<void>;

  /**
   * The one write that ends an attempt: the calls' ends (as `endCalls` does) and the verdict in one transaction.
   * The verdict counts only while the lease is held and the request is processing; `false` when it did not. The ends are
   * written either way. Lines still under way after it are ended with the attempt: `interrupted` for the verdict
   * `interrupt`, else `lost`; both possibly billed.
   */
  settle(settlement: Settlement): Promise<boolean>;

  /**
   * Takes up to `limit` requests from holders whose lease has run out. Lines of the attempt log still under way become
   * `lost`, possibly billed. `decide` is told the request and its whole attempt log and gives the verdict; it is pure,
   * quick and may be called again for the same request. Resolves to the requests as they are afterwards; when `decide`
   * throws, it rejects and keeps nothing.
   */
  rescue(query: RescueQuery): Promise<readonly ImageRequest[]>;

  /**
   * Fails up to `limit` queued requests whose deadline has come, with the code `deadline_exceeded`, and resolves to them.
   * Requests that are processing are left to the verdict of their attempt.
   */
  expire(query: { readonly now: number; readonly limit: number }): Promise<readonly ImageRequest[]>;

  /**
   * The answer that brought the picture of this name, when a request of the organization got it; otherwise `undefined`, as
   * if there were no such picture.
   */
  findAnswer(organizationId: string, pictureName: string): Promise<KeptAnswer | undefined>;

  /** Resolves when the store answers; rejects with a sentence when not. */
  check(): Promise<void>;

  /** Finishes the writes under way and lets go of the store; later writes are refused. Closing again does nothing. */
  close(): Promise<void>;
}

/** What a caller has given; everything else of a request follows. */
export type NewRequest = { readonly order: Order } & Pick<
  ImageRequest,
  | 'id'
  | 'organizationId'
  | 'apiKeyId'
  | 'model'
  | 'payload'
  | 'inline'
  | 'priority'
  | 'estimatedCostMicros'
  | 'createdAt'
  | 'deadlineAt'
>;

export interface ListQuery {
  readonly organizationId: string;
  readonly model?: string;
  readonly status?: RequestStatus;
  /** 1 or more. */
  readonly limit: number;
  readonly offset?: number;
  /** The id of the last request of the page before: only older ones are listed. */
  readonly cursor?: string;
}

export interface RequestPage {
  readonly requests: readonly ImageRequest[];
  readonly total: number;
  readonly hasMore: boolean;
}

export interface ClaimQuery {
  /** Who claims, for the attempt log. */
  readonly worker: string;
  readonly limit: number;
  readonly now: number;
  readonly leaseMs: number;
}

export interface ClaimResult {
  readonly claims: readonly Claim[];
  /** When the next waiting request becomes due, if any waits. Fewer claims than asked for: no need to ask earlier. */
  readonly nextAvailableAt: number | undefined;
}

export interface Claim {
  readonly request: ImageRequest;
  readonly order: Order;
  readonly lease: Lease;
  /** The attempt log so far, without this attempt; empty on the first. */
  readonly attempts: readonly Attempt[];
}

export interface Settlement {
  readonly lease: Lease;
  readonly ends: readonly CallEnd[];
  readonly verdict: Verdict;
  readonly now: number;
}

/** A request whose holder went away, with its whole attempt log. */
export type ExpiredClaim = Pick<Claim, 'request' | 'order' | 'attempts'>;

export interface RescueQuery {
  readonly now: number;
  readonly limit: number;
  readonly decide: (expired: ExpiredClaim) => Verdict;
}
