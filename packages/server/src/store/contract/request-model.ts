import type { RequestStatus } from '@darkroom/protocol';
import type { AttemptResult, CallEnd, ImageRequest, Lease, Outcome, Verdict } from '../../core/image-request.ts';
import { isEnded, type LifecycleEvent, toNextStatus } from '../../core/lifecycle.ts';
import type { Claim, NewRequest } from '../request-store.ts';

/** What the model remembers of one call. */
export interface ModelLine {
  readonly lease: Lease;
  readonly imageIndex: number;
  expiresAt: number;
  isSent: boolean;
  hasAnswer: boolean;
  result: AttemptResult | undefined;
  costMicros: number;
  isPossiblyBilled: boolean;
}

/** What the model remembers of one request. Its status changes only through the lifecycle table. */
export class ModelRequest {
  readonly #new: NewRequest;
  status: RequestStatus = 'queued';
  attempt = 0;
  availableAt: number;
  queuedAt: number;
  deadlineAt: number;
  costMicros = 0;
  outcome: Outcome | undefined;
  lease: (Lease & { expiresAt: number }) | undefined;
  /** By attempt number and image index, e.g. `1/0`. */
  readonly lines = new Map<string, ModelLine>();

  constructor(request: NewRequest) {
    this.#new = request;
    this.availableAt = request.createdAt;
    this.queuedAt = request.createdAt;
    this.deadlineAt = request.deadlineAt;
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
  get priority(): number {
    return this.#new.priority;
  }

  /** The images that no call has brought. */
  get missing(): readonly number[] {
    const brought = [...this.lines.values()].filter((line) => line.hasAnswer).map(({ imageIndex }) => imageIndex);
    return Array.from({ length: this.#new.order.images }, (_, index) => index).filter((one) => !brought.includes(one));
  }

  /** Whether the answer of an earlier attempt has brought one of the images. */
  hasBrought(imageIndexes: readonly number[], { attempt }: Lease): boolean {
    const earlier = [...this.lines.values()].filter((line) => line.hasAnswer && line.lease.attempt < attempt);
    return earlier.some(({ imageIndex }) => imageIndexes.includes(imageIndex));
  }

  /** Calls granted and not ended. */
  get underWay(): number {
    return [...this.lines.values()].filter(({ result }) => result === undefined).length;
  }

  holds(lease: Lease): boolean {
    return this.lease?.token === lease.token;
  }

  /** Its deadline has come while it was open. */
  isOver(now: number): boolean {
    return !isEnded(this.status) && this.deadlineAt <= now;
  }

  isDue(now: number): boolean {
    return this.status === 'queued' && this.availableAt <= now;
  }

  claim({ lease, imageIndexes }: Claim, expiresAt: number): void {
    this.#pass('claim');
    this.attempt += 1;
    this.lease = { ...lease, expiresAt };
    const fresh = { isSent: false, hasAnswer: false, result: undefined, costMicros: 0, isPossiblyBilled: false };
    for (const imageIndex of imageIndexes) {
      this.lines.set(`${lease.attempt}/${imageIndex}`, { lease, imageIndex, expiresAt, ...fresh });
    }
  }

  /** The lines of an attempt that may be sent. */
  unsent(lease: Lease): readonly ModelLine[] {
    return this.#open(lease).filter(({ isSent }) => !isSent);
  }

  renew(lease: Lease, expiresAt: number): void {
    if (this.lease && this.holds(lease)) this.lease.expiresAt = expiresAt;
    for (const line of this.#open(lease)) line.expiresAt = expiresAt;
  }

  end(lease: Lease, end: CallEnd): void {
    const line = this.lines.get(`${lease.attempt}/${end.imageIndex}`);
    if (!line || (line.result !== undefined && line.result !== 'lost')) return;
    if (!line.isSent && end.result !== 'failed') return;
    line.result = end.result;
    line.hasAnswer = end.answer !== undefined;
    line.costMicros = end.costMicros;
    line.isPossiblyBilled = end.isPossiblyBilled;
    this.costMicros += end.costMicros;
  }

  endLeftovers(lease: Lease, result: 'lost' | 'interrupted'): void {
    this.#removeUnsent(lease);
    for (const line of this.#open(lease)) {
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

  expire(outcome: Outcome): void {
    this.#pass(outcome.kind === 'success' ? 'salvage' : 'expire');
    if (this.lease) this.#removeUnsent(this.lease);
    this.lease = undefined;
    this.outcome = outcome;
  }

  cancel(): void {
    this.#pass('cancel');
    if (this.lease) this.#removeUnsent(this.lease);
    this.lease = undefined;
  }

  /** Whether it was queued. */
  requeue(now: number): boolean {
    if (toNextStatus(this.status, 'requeue') === 'refused') return false;
    this.#pass('requeue');
    this.outcome = undefined;
    this.availableAt = now;
    this.deadlineAt = now + this.deadlineAt - this.queuedAt;
    this.queuedAt = now;
    return true;
  }

  /** Lines whose request has moved on and that no worker prolongs any more. */
  endOrphans(now: number): void {
    for (const { lease, result, expiresAt } of [...this.lines.values()]) {
      if (result === undefined && expiresAt <= now && !this.holds(lease)) this.endLeftovers(lease, 'lost');
    }
  }

  /** What the store shows of it. */
  toRow(): Partial<ImageRequest> {
    const { id, organizationId, status, attempt, availableAt, queuedAt, deadlineAt, costMicros, outcome } = this;
    return { id, organizationId, status, attempt, availableAt, queuedAt, deadlineAt, costMicros, outcome };
  }

  #open(lease: Lease): readonly ModelLine[] {
    return [...this.lines.values()].filter((line) => line.lease.token === lease.token && line.result === undefined);
  }

  #removeUnsent(lease: Lease): void {
    for (const { imageIndex } of this.unsent(lease)) this.lines.delete(`${lease.attempt}/${imageIndex}`);
  }

  #pass(event: LifecycleEvent): void {
    const next = toNextStatus(this.status, event);
    if (next === 'refused') throw new Error(`The store let ${event} happen to a request that is ${this.status}.`);
    this.status = next;
  }
}
