import type { RequestStatus, ServiceTier } from '@darkroom/protocol';
import type { By } from '../core/audit.ts';
import type { BudgetStatus } from '../core/budgets.ts';
import type { Fallbacks } from '../core/choose-model.ts';
import type { FailureCode } from '../core/failures.ts';
import type { Attempt, CallEnd, ImageRequest, KeptAnswer, Lease, Verdict } from '../core/image-request.ts';
import type { OneLimit } from '../core/limits.ts';
import type { Order } from '../core/order.ts';
import type { StandIn } from '../core/stand-ins.ts';
import type { ListedPicture, PictureFile } from '../core/stored-picture.ts';
import type { Upstream } from '../core/upstreams.ts';
import type { RequestWebhook } from '../core/webhooks.ts';

/**
 * The rows of the requests. The request row is the queue: no second record could disagree with it. Every change of status is
 * one guarded write, and every promise below holds across `kill -9` and for any number of processes on the same store.
 *
 * While the database is away, locked, full or read-only, a call that needs it rejects with a `StoreUnavailableError`. A request
 * that the database refuses to read or to write stops no other (`PoisonedRows`): batches go on without it, the log names it,
 * and it fails; its settlement leaves out what cannot be written.
 *
 * Promises of every method that writes: it is atomic; it is durable (flushed to the disk) before it resolves; when it
 * rejects, nothing of it is kept. Writes that arrive in one turn of the event loop may share one commit. `now` is always
 * the caller's clock, in milliseconds since 1970. A write that changes a request also writes its moments to the history
 * (`EventStore`), and the news for its webhooks to the outbox (`WebhookStore`).
 */
export interface RequestStore {
  /**
   * Keeps a new request as `queued`, due at once, or refuses it and keeps nothing. The same transaction reserves its price in
   * every budget of its key and organization, so concurrent submits cannot overdraw one; when the request ends, its real cost
   * replaces the reservation. Rejects when the id exists. A submit whose idempotency key was used before, or whose call joins an
   * earlier request (`OpenCallStore.join`), is answered with that request, and keeps nothing.
   */
  submit(request: NewRequest): Promise<SubmitResult>;

  /**
   * What `submit` would answer because of this idempotency key: the request that it was used for, the conflict, or
   * `undefined` when the key is free.
   */
  replay(organizationId: string, idempotency: Idempotency, now: number): Promise<Replayed | Conflict | undefined>;

  /** Forgets up to `limit` idempotency keys that are older than `idempotencyMs`. Resolves to how many. */
  forgetIdempotencyKeys(query: { readonly now: number; readonly limit: number }): Promise<number>;

  /** The request, when it belongs to the organization; otherwise `undefined`, as if it did not exist. */
  find(organizationId: string, id: string): Promise<ImageRequest | undefined>;

  /**
   * The organization's requests, newest (greatest id) first, at most `limit`, after skipping `offset` or after `cursor`.
   * `total` counts all requests that match `model` and `status`, whatever else is asked. The cost does not grow with the number
   * of rows, only with `offset`. A page of large requests may have fewer than `limit` (`maxPageSize`), but at least one. With
   * `text` a call searches a bounded number of requests (`maxLookedAt` at most), and its page may have fewer than `limit`, or
   * none, while there are more: `nextCursor` continues after the last request that was searched.
   */
  list(query: ListQuery): Promise<RequestPage>;

  /** The attempt log of a request of the organization, in order of number and image; empty when there is no such request. */
  attempts(organizationId: string, requestId: string): Promise<readonly Attempt[]>;

  /**
   * Takes requests that are queued and due, for up to `limit` calls: `processing`, attempt + 1, a new lease until
   * `now + leaseMs`, and a line of the attempt log for each granted call, unsent unless `begins` says otherwise. A request gets as many of its missing calls as
   * there is room for, all on one upstream, and those that were tried least come first; `UpstreamPool` has the rules.
   * Requests of models that have no room, or that `models` does not name, stay queued, unless `chooseModel` has another model
   * make them. Of requests that wait for their own model and no other, a claim passes over a bounded number to find those that
   * another one may make.
   *
   * Organizations take turns, one request a turn; within an organization the higher priority goes first, then the older
   * request. No request is ever given to two holders at the same time. The cost does not grow with the number of queued
   * rows, nor with the number that wait for a later time. A request may be taken after its deadline, before `expire` has
   * reached it: its holder checks the deadline before it sends anything.
   */
  claim(query: ClaimQuery): Promise<ClaimResult>;

  /**
   * Prolongs leases until `now + leaseMs`, together with the leases of their lines under way. The lines are prolonged even when
   * the request has moved on, because a call that is paid for runs to its end. Resolves to the leases whose requests are no
   * longer held. A lease that has run out is still held, and can be prolonged or settled, until its request is rescued.
   */
  renew(leases: readonly Lease[], query: { readonly now: number; readonly leaseMs: number }): Promise<readonly Lease[]>;

  /**
   * Marks lines that the claim granted as sent, before the calls are sent. Resolves to `false`, and writes nothing, when the
   * lease is no longer held, or when an earlier attempt has brought one of the images, maybe late: then nothing may be sent.
   * Otherwise it rejects when a line was not granted or was sent already.
   */
  beginCalls(lease: Lease, calls: { readonly imageIndexes: readonly number[]; readonly now: number }): Promise<boolean>;

  /**
   * Writes how calls ended while others of the same attempt are still under way. Does not need the lease: a call has cost
   * what it has cost even when the request has moved on. A line that has ended is not written again, unless it was `lost`:
   * then the late answer says what really happened. Adds the cost of the written lines to the request, and updates the state
   * of their upstreams by the ends of sent calls (`afterCall`).
   */
  endCalls(lease: Lease, ends: readonly CallEnd[]): Promise<void>;

  /**
   * The one write that ends an attempt: the ends of its calls (as in `endCalls`) and the verdict, in one transaction. The verdict
   * counts only while the lease is held and the request is processing. `true` promises that the ends and the verdict are
   * written as they were given; `false` means that the verdict did not count, or that the row refused it. The ends are written
   * in both cases, unless the row refuses them. Sent lines that are still under way then end with the attempt: `interrupted`
   * for the verdict `interrupt`, else `lost`, and possibly billed in both cases. Lines that were never sent are removed.
   */
  settle(settlement: Settlement): Promise<boolean>;

  /**
   * Takes up to `limit` requests from holders whose lease has run out or, with a `watch`, whose lease the watch calls lost.
   * Lines of the attempt log that are still under way become `lost` and possibly billed; those that were never sent are
   * removed. `decide` gets the request and its whole attempt log, and returns the verdict; it is pure and quick, and may be
   * called again for the same request. Resolves to the requests as they are afterwards. When `decide` throws, it rejects and
   * keeps nothing. Lines whose own lease has run out and whose request has moved on, for example because it was cancelled,
   * end in the same way.
   */
  rescue(query: RescueQuery & { readonly watch?: LeaseWatch }): Promise<readonly ImageRequest[]>;

  /**
   * Ends up to `limit` queued or processing requests whose deadline has come, by the verdict of `decide`. `decide` gets the same as
   * in `rescue`, except that lines under way have no result; its verdict may only succeed or fail. Resolves to the requests as
   * they are afterwards. As after a cancel, calls under way run to their end because they are paid, and nothing more is sent.
   */
  expire(query: RescueQuery): Promise<readonly ImageRequest[]>;

  /**
   * Moves up to `limit` queued requests whose time in their tier is over (`Order.tiers`) to the lane of the next tier, where they
   * keep their priority and their age. Resolves to their ids.
   */
  moveUp(query: { readonly now: number; readonly limit: number }): Promise<readonly string[]>;

  /**
   * Cancels the organization's request when it is queued or processing; its calls under way run to their end. Resolves to
   * the request as it is afterwards, or to `undefined` when the organization has no request of this id.
   */
  cancel(organizationId: string, id: string, now: number): Promise<ImageRequest | undefined>;

  /**
   * Cancels a request that is still queued and that all clients of its open call have left, and removes the open call. Resolves to the
   * request as it is afterwards, or to `undefined`, and changes nothing, when the request is anything else: one that is being
   * processed runs to its end, since it is paid.
   */
  cancelLeft(id: string, now: number): Promise<ImageRequest | undefined>;

  /**
   * Queues the failed and cancelled ones of these requests again: due at once, without their outcome, and with as much time to
   * their deadline as before. What their calls have brought is kept. Resolves to the requests that it queued. Their price is
   * reserved in their budgets whether it fits or not, because the operator has asked for it. With a `By` it is noted in the audit
   * log, in the same transaction.
   */
  requeue(ids: readonly string[], now: number, by?: By): Promise<readonly ImageRequest[]>;

  /**
   * Failed requests of all organizations, newest first. The cost does not grow with the number of rows. A page of large
   * requests may have fewer than `limit`, as in `list`.
   */
  listFailed(query: FailedQuery): Promise<Omit<RequestPage, 'total'>>;

  /**
   * Was a request of this id kept, for whatever organization? A `false` is final for every submit that began before, including
   * one whose caller got no answer and whose write was still on its way: what belongs to the request may be removed.
   */
  exists(id: string): Promise<boolean>;

  /** Has this call's answer been recorded? A `false` is final, as in `exists`. */
  hasAnswer(call: {
    readonly requestId: string;
    readonly attempt: number;
    readonly imageIndex: number;
  }): Promise<boolean>;

  /**
   * The answer that brought the picture of this name to a request of the organization; otherwise `undefined`, as if there
   * were no such picture.
   */
  findAnswer(organizationId: string, pictureName: string): Promise<KeptAnswer | undefined>;

  /**
   * The name of the newest picture that an answer brought to a request of the organization and that has these bytes at its URL, by
   * their SHA-256 in hexadecimal. Pictures of before version 10 of the schema are not found.
   */
  findPictureByHash(organizationId: string, sha256: string): Promise<string | undefined>;

  /**
   * The length of the picture of this name, of whatever organization: an answer brought it, it came inside a payload, or it is an
   * upload whose length `UploadStore.keepLength` has kept. `undefined` for all others.
   */
  findPicture(name: string): Promise<PictureFile | undefined>;

  /**
   * At most `limit` of the pictures that `findPicture` knows, of all organizations, in the order of their names. The cost does not
   * grow with the number of rows. A damaged row hides no other: its picture has no length.
   */
  listPictures(query: PicturesQuery): Promise<readonly ListedPicture[]>;

  /** Resolves when the store answers; rejects with a sentence when not. */
  check(): Promise<void>;

  /** Finishes the writes under way and lets go of the store; later writes are refused. Closing again does nothing. */
  close(): Promise<void>;
}

/** What a submit provides; everything else about a request follows from it. */
export type NewRequest = {
  readonly order: Order;
  readonly idempotency?: Idempotency;
  /** On calls that stay open until the request has ended. */
  readonly call?: OpenCall;
  /** How many requests its organization may have queued; one more is refused. */
  readonly maxQueued: number;
  /** The same for its key, if that has such a limit. */
  readonly maxQueuedOfKey?: number;
  /** Where the request's own events go. */
  readonly webhook?: RequestWebhook;
  /** Left out: `true`. */
  readonly allowsStandIn?: boolean;
  /** What its budgets reserve, if a model that may be called instead costs more; `estimatedCostMicros` if left out. */
  readonly reservedMicros?: number;
  /** In whose lane it begins to wait; the standard tier if left out. */
  readonly tier?: ServiceTier;
  /** When `moveUp` moves it to the next tier. */
  readonly movesUpAt?: number;
  /**
   * The names of stored pictures that its conversation refers to, and that did not come inside its payload. Uploads among them are
   * used from now on, and stay as long as a request that uses them.
   */
  readonly uses?: readonly string[];
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
  | 'wire'
> &
  Partial<Pick<ImageRequest, 'serviceTier' | 'retainMs' | 'traceparent'>>;

/** Recognizes a submit that is sent again. */
export interface Idempotency {
  /** Chosen by the caller; valid within its organization. */
  readonly key: string;
  /** Tells one body from another. */
  readonly bodyHash: string;
}

/** Recognizes a call that is made again because its line was cut. */
export interface OpenCall {
  /** Tells one call from another of the same key: made of its wire, address and body. */
  readonly hash: string;
  /** Does the call itself say that it repeats an earlier one? */
  readonly isRetry: boolean;
}

/** An idempotency key stands for its request for this time. */
export const idempotencyMs = 24 * 3_600_000;

export type SubmitResult =
  | { readonly kind: 'submitted'; readonly request: ImageRequest }
  | Replayed
  | Conflict
  /** The price does not fit in the budget. */
  | { readonly kind: 'over-budget'; readonly budget: BudgetStatus }
  | { readonly kind: 'queue-full'; readonly limit: OneLimit };

/** The key was used before, with the same body: the request that it made, as it is now. */
export interface Replayed {
  readonly kind: 'replayed';
  readonly request: ImageRequest;
}

/** The key was used before, with another body. */
export interface Conflict {
  readonly kind: 'conflict';
}

export interface ListQuery {
  readonly organizationId: string;
  readonly model?: string;
  readonly status?: RequestStatus;
  /** 1 or more. */
  readonly limit: number;
  /** Skips this many requests that match everything but the text. */
  readonly offset?: number;
  /** `nextCursor` of the page before: only older ones are listed. */
  readonly cursor?: string;
  /**
   * Only requests made at this time or later, in milliseconds since 1970. The time is that of the id, by the clock of the
   * machine that made it: a moment before `createdAt`, which is set when inline pictures have been stored.
   */
  readonly createdFrom?: number;
  /** Only requests made before this time, in the same sense. */
  readonly createdBefore?: number;
  /** Only requests whose searched text (`toSearchedText`) contains it, whatever the case of ASCII letters. */
  readonly text?: string;
}

export interface RequestPage {
  readonly requests: readonly ImageRequest[];
  readonly total: number;
  /** Where the next page begins; `undefined` at the end, and only there. */
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
  /** The worker that claims, for the attempt log. */
  readonly worker: string;
  /** The number of calls. */
  readonly limit: number;
  /** The number of calls in tiers that take many minutes; if left out, `limit` is for these too. */
  readonly patientLimit?: number;
  readonly upstreams: readonly Upstream[];
  /** The upstream's lane of every lane that may be claimed, by its public name. */
  readonly models: ReadonlyMap<string, string>;
  /** Left out: no model is called instead of another. */
  readonly fallbacks?: Fallbacks;
  /**
   * Are the calls of this claim sent as soon as it is written? Then the claim marks its lines as sent, as `beginCalls` does, in the
   * same commit. Pure and quick. Left out: none are.
   */
  readonly begins?: ((claim: Claim) => boolean) | undefined;
  readonly now: number;
  readonly leaseMs: number;
}

export interface ClaimResult {
  readonly claims: readonly Claim[];
  /**
   * When the next waiting request becomes due or, when ready requests wait for an upstream, when that may open. After a claim
   * of fewer calls than it asked for there is no need to ask earlier, unless a call ends.
   */
  readonly nextAvailableAt: number | undefined;
}

export interface Claim {
  readonly request: ImageRequest;
  /** As the model takes it that is called. */
  readonly order: Order;
  /** The model that is called, when it is not the request's. */
  readonly standIn?: StandIn;
  readonly lease: Lease;
  /** The attempt log so far, without this attempt; empty on the first. */
  readonly attempts: readonly Attempt[];
  /** In which the calls are made. */
  readonly tier: ServiceTier;
  /** The name of the upstream that the calls were granted on; any upstream when there were none to grant. */
  readonly upstream: string;
  /**
   * The images that calls were granted for, in order; never one that an earlier call has brought. Empty when all images are
   * there (late, or from before a requeue): then the holder only has to settle.
   */
  readonly imageIndexes: readonly number[];
  /** The claim has marked its lines as sent. A call that is not made after all has to end as `interrupted`, and not billed. */
  readonly isBegun?: boolean;
}

export interface Settlement {
  readonly lease: Lease;
  readonly ends: readonly CallEnd[];
  readonly verdict: Verdict;
  readonly now: number;
}

/** A request whose holder is gone or whose deadline is over, with its whole attempt log. */
export type ExpiredClaim = Pick<Claim, 'request' | 'order' | 'attempts'>;

export interface RescueQuery {
  readonly now: number;
  readonly limit: number;
  readonly decide: (expired: ExpiredClaim) => Verdict;
}

/** Distinguishes holders that are gone from holders that only seem to be, because clocks differ. */
export interface LeaseWatch {
  /** Leases that run out within this time are examined, too. */
  readonly aheadMs: number;
  /** Is the holder gone? May be asked about the same lease several times in one rescue. */
  isLost(lease: SeenLease): boolean;
}

export interface SeenLease {
  readonly token: string;
  readonly expiresAt: number;
}
