import type { RequestStatus } from '@darkroom/protocol';
import type { AttemptResult, CallEnd, ImageRequest, Lease, Outcome, Verdict } from '../../core/image-request.ts';
import { type LifecycleEvent, toNextStatus } from '../../core/lifecycle.ts';
import type { NewRequest } from '../request-store.ts';

/** What the model remembers of one call. */
export interface ModelLine {
  result: AttemptResult | undefined;
  costMicros: number;
  isPossiblyBilled: boolean;
}

/** What the model remembers of one request; its status changes only through the lifecycle table. */
export class ModelRequest {
  readonly #new: NewRequest;
  status: RequestStatus = 'queued';
  attempt = 0;
  availableAt: number;
  costMicros = 0;
  outcome: Outcome | undefined;
  lease: (Lease & { expiresAt: number }) | undefined;
  /** By attempt number and image index, e.g. `1/0`. */
  readonly lines = new Map<string, ModelLine>();

  constructor(request: NewRequest) {
    this.#new = request;
    this.availableAt = request.createdAt;
  }

  get id(): string {
    return this.#new.id;
  }
  get organizationId(): string {
    return this.#new.organizationId;
  }
  get model(): string {
    return this.#new.model;
  }
  get deadlineAt(): number {
    return this.#new.deadlineAt;
  }
  get priority(): number {
    return this.#new.priority;
  }

  holds(lease: Lease): boolean {
    return this.lease?.token === lease.token;
  }

  isDue(now: number): boolean {
    return this.status === 'queued' && this.availableAt <= now;
  }

  claim(lease: Lease, expiresAt: number): void {
    this.#pass('claim');
    this.attempt += 1;
    this.lease = { ...lease, expiresAt };
  }

  begin(lease: Lease, imageIndexes: readonly number[]): void {
    for (const imageIndex of imageIndexes) {
      this.lines.set(`${lease.attempt}/${imageIndex}`, { result: undefined, costMicros: 0, isPossiblyBilled: false });
    }
  }

  end(lease: Lease, end: CallEnd): void {
    const line = this.lines.get(`${lease.attempt}/${end.imageIndex}`);
    if (!line || (line.result !== undefined && line.result !== 'lost')) return;
    line.result = end.result;
    line.costMicros = end.costMicros;
    line.isPossiblyBilled = end.isPossiblyBilled;
    this.costMicros += end.costMicros;
  }

  endLeftovers(lease: Lease, result: 'lost' | 'interrupted'): void {
    for (const [key, line] of this.lines) {
      if (!key.startsWith(`${lease.attempt}/`) || line.result !== undefined) continue;
      line.result = result;
      line.isPossiblyBilled = true;
    }
  }

  /** Whether the verdict counts. */
  settle(lease: Lease, verdict: Verdict, now: number): boolean {
    if (!this.holds(lease)) return false;
    this.#pass(verdict.kind);
    this.lease = undefined;
    if ('outcome' in verdict) this.outcome = verdict.outcome;
    if (verdict.kind === 'retry') this.availableAt = verdict.availableAt;
    if (verdict.kind === 'interrupt') this.availableAt = now;
    return true;
  }

  /** The outcome's words are the store's; the code is promised. */
  expire(after: ImageRequest): void {
    this.#pass('expire');
    this.outcome = after.outcome;
  }

  #pass(event: LifecycleEvent): void {
    const next = toNextStatus(this.status, event);
    if (next === 'refused') throw new Error(`The store let ${event} happen to a request that is ${this.status}.`);
    this.status = next;
  }
}
