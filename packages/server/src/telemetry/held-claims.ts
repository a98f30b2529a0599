import type { Attempt, CallEnd, Lease } from '../core/image-request.ts';
import type { Claim, ExpiredClaim } from '../store/request-store.ts';
import type { ObservedCall } from './observer.ts';

/** A claim that this process works on, with what its calls have done so far. */
export interface HeldClaim {
  readonly claim: Claim;
  readonly claimedAt: number;
  /** By the index of the image. */
  readonly sentAt: Map<number, number>;
  /** The images whose calls have ended. */
  readonly ended: Set<number>;
  /** What the calls of its request have cost. */
  costMicros: number;
  /** The id of the job that its calls wait in. */
  readonly batchJob?: string;
}

/** The claims under way in this process: the store's later writes name only their lease. */
export class HeldClaims {
  readonly #held = new Map<string, HeldClaim>();
  /** Requests of batch jobs as they were read last, by their id. Only the last thousand: most are written to at once, and some never here. */
  readonly #batched = new Map<string, ExpiredClaim>();

  take(claim: Claim, claimedAt: number): void {
    const { costMicros } = claim.request;
    this.#held.set(claim.lease.token, { claim, claimedAt, sentAt: new Map(), ended: new Set(), costMicros });
  }

  send({ token }: Lease, imageIndexes: readonly number[], now: number): void {
    const held = this.#held.get(token);
    for (const index of imageIndexes) held?.sentAt.set(index, now);
  }

  /** Their calls wait in a batch job, which any process may settle: what this one knows of them would stay for ever. */
  handOver(leases: readonly Lease[]): void {
    for (const { token } of leases) this.#held.delete(token);
  }

  /** A request of a batch job was read, because a call of it is about to end in this process. */
  pickUp(found: ExpiredClaim): void {
    const { id } = found.request;
    const [oldest] = this.#batched.keys();
    if (oldest !== undefined && this.#batched.size >= maxBatched) this.#batched.delete(oldest);
    this.#batched.delete(id);
    this.#batched.set(id, toLight(found));
  }

  /** The calls that have ended with this write: an end that is written again is no new one. */
  end(lease: Lease, ends: readonly CallEnd[]): readonly ObservedCall[] {
    const held = this.#find(lease);
    return held ? takeEnds(held, ends) : [];
  }

  /** The same for the write that ends the attempt, after which nobody holds the claim. */
  settle(
    lease: Lease,
    ends: readonly CallEnd[],
  ): { readonly held?: HeldClaim; readonly calls: readonly ObservedCall[] } {
    const held = this.#find(lease);
    this.#held.delete(lease.token);
    return held ? { held, calls: takeEnds(held, ends) } : { calls: [] };
  }

  /** What was read of a batched request holds for one write: the row is read again before the next one. */
  #find(lease: Lease): HeldClaim | undefined {
    const held = this.#held.get(lease.token);
    if (held) return held;
    const found = this.#batched.get(lease.requestId);
    this.#batched.delete(lease.requestId);
    return found && toHeldClaim(found, lease);
  }
}

const maxBatched = 1_000;

function takeEnds(held: HeldClaim, ends: readonly CallEnd[]): readonly ObservedCall[] {
  const { claim, ended, sentAt, batchJob } = held;
  const fresh = ends.filter(({ imageIndex }) => !ended.has(imageIndex));
  for (const { imageIndex, costMicros } of fresh) {
    ended.add(imageIndex);
    held.costMicros += costMicros;
  }
  return fresh.map((end) => ({
    claim,
    end,
    sentAt: sentAt.get(end.imageIndex),
    ...(batchJob !== undefined && { batchJob }),
  }));
}

/** The claim of calls that wait in a job, from the rows: another process may have made it. `undefined`: it has none. */
function toHeldClaim({ request, order, attempts }: ExpiredClaim, lease: Lease): HeldClaim | undefined {
  const [earlier, own] = [
    attempts.filter(({ number }) => number < lease.attempt),
    attempts.filter(({ number }) => number === lease.attempt),
  ];
  const [first] = own;
  if (!first) return undefined;
  const { upstream, standIn, startedAt, batchJob } = first;
  const imageIndexes = own.map(({ imageIndex }) => imageIndex);
  const facts = { request, order, lease, attempts: earlier, upstream, imageIndexes, tier: 'batch' } as const;
  return {
    claim: { ...facts, ...(standIn && { standIn }) },
    claimedAt: startedAt,
    sentAt: new Map(own.flatMap(({ imageIndex, sentAt }) => (sentAt === undefined ? [] : [[imageIndex, sentAt]]))),
    ended: new Set(own.filter(hasEnded).map(({ imageIndex }) => imageIndex)),
    costMicros: request.costMicros,
    ...(batchJob !== undefined && { batchJob }),
  };
}

/** The late end of a lost call is an end. */
function hasEnded({ result }: Attempt): boolean {
  return result !== undefined && result !== 'lost';
}

/** Without payload and answers, which may be large. */
function toLight({ request, order, attempts }: ExpiredClaim): ExpiredClaim {
  return {
    request: { ...request, payload: '', inline: [] },
    order: { ...order, conversation: [] },
    attempts: attempts.map((attempt) => ({ ...attempt, answer: undefined })),
  };
}
