import type { RequestStatus } from '@darkroom/protocol';
import type { BudgetStatus } from '../core/budgets.ts';
import type { FailureCode } from '../core/failures.ts';
import type { Attempt, CallEnd, ImageRequest, KeptAnswer, Lease, Verdict } from '../core/image-request.ts';
import type { Order } from '../core/order.ts';
import type { PictureFile } from '../core/stored-picture.ts';
import type { Upstream } from '../core/upstreams.ts';
import type { RequestWebhook } from '../core/webhooks.ts';

/**
 * The room of the rows. The request row is the queue: there is no second record that could disagree with it. Every
 * change of status is one guarded write, and every promise below holds across `kill -9` and for any number of
 * processes on the same store.
 *
 * What the database cannot do at the moment, since it is away, locked, full or read-only, rejects with a `StoreUnavailableError`.
 * One request that the database refuses to read or to write stops no other (`PoisonedRows`): what is done to many goes on without
 * it, the log names it, and it is failed; what cannot be written of it is left out of its settlement.
 *
 * Promises of every method that writes: it is atomic; it is durable (flushed to the disk) before it resolves; when it
 * rejects, nothing of it is kept. Writes that arrive in one turn of the event loop may share one commit. `now` is always
 * the caller's clock, in milliseconds since 1970. A write that changes a request writes its moments to the history
 * (`EventStore`) with it, and what webhooks are to tell of them to the outbox (`WebhookStore`).
 */
export interface RequestStore {
  /**
   * Keeps a new request as `queued`, due at once, unless something speaks against it: then nothing is kept. Its price is
   * reserved in every budget of its key and organization in the same transaction, so that submits side by side cannot
   * overdraw one; when the request ends, the reservation goes and its real cost stays. Rejects when the id exists.
   */
  submit(request: NewRequest): Promise<SubmitResult>;

  /**
   * What `submit` would answer for this idempotency key by itself: the request that it was used for, the conflict, or
   * `undefined` when the key is free.
   */
  replay(organizationId: string, idempotency: Idempotency, now: number): Promise<Replayed | Conflict | undefined>;

  /** Forgets up to `limit` idempotency keys that are older than they are kept. Resolves to how many. */
  forgetIdempotencyKeys(query: { readonly now: number; readonly limit: number }): Promise<number>;

  /** The request, when it belongs to the organization; otherwise `undefined`, as if it did not exist. */
  find(organizationId: string, id: string): Promise<ImageRequest | undefined>;

  /**
   * The organization's requests, newest (greatest id) first, at most `limit`, after `offset` others or after `cursor`.
   * `total` counts all that fit `model` and `status`, whatever else is asked. The cost does not grow with the number of
   * rows, only with `offset`. A page of large requests may have less than `limit` (`maxPageSize`), but never nothing. With `text` a call looks through a bounded number of requests (`maxLookedAt` at most), and
   * its page may have less than `limit`, or nothing, while there is more: `nextCursor` goes on after the last that it looked at.
   */
  list(query: ListQuery): Promise<RequestPage>;

  /** The attempt log of a request of the organization, in order of number and image; empty when there is no such request. */
  attempts(organizationId: string, requestId: string): Promise<readonly Attempt[]>;

  /**
   * Takes requests that are queued and due, for up to `limit` calls: `processing`, attempt + 1, a new lease until
   * `now + leaseMs`, and a line of the attempt log for each call that it grants. A request gets as many of the calls that
   * it still lacks as there is room for, those that were tried least first, all on one upstream; `UpstreamPool` has the
   * rules. Requests of models that have no room, or that `models` does not name, stay where they are.
   *
   * Organizations take turns, one request a turn; within an organization the higher priority goes first, then the older
   * request. No request is ever given to two holders at the same time. The cost does not grow with the number of queued
   * rows, nor with the number that wait for a later time. A request whose deadline is over and which `expire` has not
   * reached yet may be among them: its holder looks before it sends anything.
   */
  claim(query: ClaimQuery): Promise<ClaimResult>;

  /**
   * Prolongs leases until `now + leaseMs`, and those of the lines under way with them, also when the request has moved on:
   * a call that is paid for runs to its end. Resolves to the leases whose requests are no longer held. A lease that has run
   * out is still held, and can be prolonged or settled, until somebody rescues its request.
   */
  renew(leases: readonly Lease[], query: { readonly now: number; readonly leaseMs: number }): Promise<readonly Lease[]>;

  /**
   * Marks lines that the claim has granted as sent, before the calls are. Resolves to `false`, and writes nothing, when the
   * lease is no longer held, or when an earlier attempt has brought one of the images, maybe late: then nothing may be sent.
   * Otherwise it rejects when a line was not granted or was sent already.
   */
  beginCalls(lease: Lease, calls: { readonly imageIndexes: readonly number[]; readonly now: number }): Promise<boolean>;

  /**
   * Writes how calls ended while others of the same attempt are still under way. Does not need the lease: what a call has
   * cost is true also when the request has moved on. A line that has ended otherwise than `lost` is not written again;
   * a `lost` one is, since the late answer tells what really happened. Adds the cost of the lines that it wrote to the
   * request, and what the ends of sent calls say of their upstream to its state (`afterCall`).
   */
  endCalls(lease: Lease, ends: readonly CallEnd[]): Promise<void>;

  /**
   * The one write that ends an attempt: the calls' ends (as `endCalls` does) and the verdict in one transaction.
   * The verdict counts only while the lease is held and the request is processing. `true` promises that the ends and the
   * verdict are written as they were given; `false` when the verdict did not count, or when the row refused it. The ends are
   * written either way, unless the row refuses them. Lines that were sent and are still under way after it are ended with the attempt: `interrupted`
   * for the verdict `interrupt`, else `lost`; both possibly billed. Lines that were never sent are removed.
   */
  settle(settlement: Settlement): Promise<boolean>;

  /**
   * Takes up to `limit` requests from holders whose lease has run out; with a `watch`, from those whose lease it calls lost. Lines of the attempt log still under way become
   * `lost`, possibly billed, or go when they were never sent. `decide` is told the request and its whole attempt log and
   * gives the verdict; it is pure, quick and may be called again for the same request. Resolves to the requests as they are
   * afterwards; when `decide` throws, it rejects and keeps nothing. Lines whose own lease has run out and whose request has
   * moved on, since it was cancelled, are ended in the same way.
   */
  rescue(query: RescueQuery & { readonly watch?: LeaseWatch }): Promise<readonly ImageRequest[]>;

  /**
   * Ends up to `limit` requests whose deadline has come, queued or processing, by the verdict of `decide`, which is told as in
   * `rescue` (lines under way have no result) and may only succeed or fail. Resolves to the requests as they are afterwards.
   * As after a cancel, their calls under way run to their end, since they are paid, and nothing more is sent.
   */
  expire(query: RescueQuery): Promise<readonly ImageRequest[]>;

  /**
   * Cancels the organization's request when it is queued or processing; its calls under way run to their end. Resolves to
   * the request as it is afterwards, or to `undefined` when the organization has none of this id.
   */
  cancel(organizationId: string, id: string, now: number): Promise<ImageRequest | undefined>;

  /**
   * Queues those of the requests that are failed or cancelled, due at once, without their outcome and with the same time to
   * their deadline as they had; what their calls have brought is kept. Resolves to the requests that it queued. The price of
   * what is queued again is reserved in its budgets, whether it fits or not: the operator has asked for it.
   */
  requeue(ids: readonly string[], now: number): Promise<readonly ImageRequest[]>;

  /**
   * Failed requests of all organizations, newest first. The cost does not grow with the number of rows; a page of large
   * requests may have less than `limit`, as in `list`.
   */
  listFailed(query: FailedQuery): Promise<Omit<RequestPage, 'total'>>;

  /**
   * Was a request of this id kept, whosever it is? A `false` stays true of every submit that was begun before, also of one whose
   * caller was never answered and whose write was on its way: what belongs to the request may be removed.
   */
  exists(id: string): Promise<boolean>;

  /** Has this call's answer been recorded? A `false` stays true as that of `exists` does. */
  hasAnswer(call: {
    readonly requestId: string;
    readonly attempt: number;
    readonly imageIndex: number;
  }): Promise<boolean>;

  /**
   * The answer that brought the picture of this name, when a request of the organization got it; otherwise `undefined`, as
   * if there were no such picture.
   */
  findAnswer(organizationId: string, pictureName: string): Promise<KeptAnswer | undefined>;

  /**
   * How long the picture of this name is, whosever it is: an answer brought it, it came inside a payload, or as an upload that
   * `UploadStore.keepLength` was told of. `undefined` of all others.
   */
  findPicture(name: string): Promise<PictureFile | undefined>;

  /**
   * At most `limit` of those that `findPicture` knows, of all organizations, in the order of their names. The cost does not grow
   * with the number of rows.
   */
  listPictures(query: PicturesQuery): Promise<readonly PictureFile[]>;

  /** Resolves when the store answers; rejects with a sentence when not. */
  check(): Promise<void>;

  /** Finishes the writes under way and lets go of the store; later writes are refused. Closing again does nothing. */
  close(): Promise<void>;
}

/** What a caller has given; everything else of a request follows. */
export type NewRequest = {
  readonly order: Order;
  readonly idempotency?: Idempotency;
  /** How many requests its organization may have queued; the one that would be more is refused. */
  readonly maxQueued: number;
  /** Where the request's own events go. */
  readonly webhook?: RequestWebhook;
  /** The names of stored pictures that its caller refers to: uploads among them are used from now on, and stay. */
  readonly uploads?: readonly string[];
} & Pick<
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

/** By which a submit that is sent again is recognized. */
export interface Idempotency {
  /** The caller's own; bound to the organization. */
  readonly key: string;
  /** Tells one body from another. */
  readonly bodyHash: string;
}

/** For so long an idempotency key stands for its request. */
export const idempotencyMs = 24 * 3_600_000;

export type SubmitResult =
  | { readonly kind: 'submitted'; readonly request: ImageRequest }
  | Replayed
  | Conflict
  /** The price does not fit in the budget. */
  | { readonly kind: 'over-budget'; readonly budget: BudgetStatus }
  | { readonly kind: 'queue-full'; readonly queued: number };

/** The key came before, with the same body: the request that it made, as it is now. */
export interface Replayed {
  readonly kind: 'replayed';
  readonly request: ImageRequest;
}

/** The key came before, with another body. */
export interface Conflict {
  readonly kind: 'conflict';
}

export interface ListQuery {
  readonly organizationId: string;
  readonly model?: string;
  readonly status?: RequestStatus;
  /** 1 or more. */
  readonly limit: number;
  /** Passes over so many that fit all but the text. */
  readonly offset?: number;
  /** `nextCursor` of the page before: only older ones are listed. */
  readonly cursor?: string;
  /**
   * Only those made at this time or later, in milliseconds since 1970. The time is that of the id, by the clock of the
   * machine that made it: a moment before `createdAt`, which comes when inline pictures have been stored.
   */
  readonly createdFrom?: number;
  /** Only those made before this time, in the same sense. */
  readonly createdBefore?: number;
  /** Only those whose searched text (`toSearchedText`) holds it; capital and small ASCII letters are the same. */
  readonly text?: string;
}

export interface RequestPage {
  readonly requests: readonly ImageRequest[];
  readonly total: number;
  /** Where the next page goes on; `undefined` at the end, and only there. */
  readonly nextCursor: string | undefined;
}

export interface PicturesQuery {
  /** The name after which the page begins; at the first name when left out. */
  readonly after?: string;
  /** 1 or more. */
  readonly limit: number;
}

export interface FailedQuery {
  readonly code?: FailureCode;
  readonly organizationId?: string;
  /** 1 or more. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

export interface ClaimQuery {
  /** Who claims, for the attempt log. */
  readonly worker: string;
  /** Calls. */
  readonly limit: number;
  readonly upstreams: readonly Upstream[];
  /** The upstream's id of every model that may be claimed, by its public id. */
  readonly models: ReadonlyMap<string, string>;
  readonly now: number;
  readonly leaseMs: number;
}

export interface ClaimResult {
  readonly claims: readonly Claim[];
  /**
   * When the next waiting request becomes due or, when ready ones wait for an upstream, when that may open. Fewer calls
   * than asked for: no need to ask earlier, unless a call ends.
   */
  readonly nextAvailableAt: number | undefined;
}

export interface Claim {
  readonly request: ImageRequest;
  readonly order: Order;
  readonly lease: Lease;
  /** The attempt log so far, without this attempt; empty on the first. */
  readonly attempts: readonly Attempt[];
  /** The name of the upstream that the calls were granted on; any, when there were none to grant. */
  readonly upstream: string;
  /**
   * The images that a call was granted for, in order; none that a call has brought before. Empty when all have been brought
   * (late, or before a requeue): then the holder has only to settle.
   */
  readonly imageIndexes: readonly number[];
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

/** Tells holders that are gone from those that only look so, since clocks differ. */
export interface LeaseWatch {
  /** Leases that run out within this time are looked at, too. */
  readonly aheadMs: number;
  /** Is the holder gone? May be asked about the same lease several times in one rescue. */
  isLost(lease: SeenLease): boolean;
}

export interface SeenLease {
  readonly token: string;
  readonly expiresAt: number;
}
