import { expect } from 'vitest';
import type { CallEnd, Lease, Verdict } from '../../core/image-request.ts';
import type { Claim, RequestStore } from '../request-store.ts';
import { failureOutcome, leaseMs, start, successOutcome, toCallEnd, toNewRequest } from './fixtures.ts';
import { ModelRequest } from './request-model.ts';

/** One random event. `worker` names the store it goes to, `lease` one of the leases ever given, the last being 0. */
export type Step =
  | {
      readonly kind: 'submit';
      readonly worker: number;
      readonly organizationId: string;
      readonly model: string;
      readonly priority: number;
      readonly deadlineInMs: number;
    }
  | { readonly kind: 'claim'; readonly worker: number; readonly limit: number }
  | { readonly kind: 'renew'; readonly worker: number; readonly lease: number }
  | { readonly kind: 'beginCalls'; readonly worker: number; readonly lease: number; readonly images: number }
  | {
      readonly kind: 'endCalls';
      readonly worker: number;
      readonly lease: number;
      readonly imageIndex: number;
      readonly result: CallEnd['result'];
    }
  | {
      readonly kind: 'settle';
      readonly worker: number;
      readonly lease: number;
      readonly verdict: Verdict['kind'];
      readonly ends: readonly number[];
      readonly result: CallEnd['result'];
    }
  | { readonly kind: 'rescue'; readonly worker: number; readonly limit: number; readonly verdict: Verdict['kind'] }
  | { readonly kind: 'expire'; readonly worker: number; readonly limit: number }
  | { readonly kind: 'pass'; readonly ms: number };

type StepOf<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>;

/** Takes steps on real stores and on the model at once, and compares what each call answered. */
export class StoreWalk {
  readonly requests = new Map<string, ModelRequest>();
  readonly #stores: readonly RequestStore[];
  readonly #leases: Lease[] = [];
  /** When each organization was served last, counted in claims. */
  readonly #turns = new Map<string, number>();
  #now = start;
  #served = 0;
  #outcomes = 0;

  constructor(stores: readonly RequestStore[]) {
    this.#stores = stores;
  }

  /** The store to compare with after a step. */
  get store(): RequestStore {
    return this.#storeOf(0);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'submit':
        return this.#submit(step);
      case 'claim':
        return this.#claim(step);
      case 'renew':
        return this.#renew(step);
      case 'beginCalls':
        return this.#beginCalls(step);
      case 'endCalls':
        return this.#endCalls(step);
      case 'settle':
        return this.#settle(step);
      case 'rescue':
        return this.#rescue(step);
      case 'expire':
        return this.#expire(step);
      case 'pass':
        this.#now += step.ms;
    }
  }

  async #submit({ worker, organizationId, model, priority, deadlineInMs }: StepOf<'submit'>): Promise<void> {
    const deadlineAt = this.#now + deadlineInMs;
    const request = toNewRequest({ organizationId, model, priority, deadlineAt, createdAt: this.#now });
    await this.#storeOf(worker).submit(request);
    this.requests.set(request.id, new ModelRequest(request));
  }

  async #claim({ worker, limit }: StepOf<'claim'>): Promise<void> {
    const due = [...this.requests.values()].filter((request) => request.isDue(this.#now)).length;
    const query = { worker: `worker-${worker}`, limit, now: this.#now, leaseMs };
    const { claims, nextAvailableAt } = await this.#storeOf(worker).claim(query);
    expect(claims).toHaveLength(Math.min(limit, due));
    for (const claim of claims) this.#checkClaim(claim);
    const waiting = [...this.requests.values()].filter((one) => one.status === 'queued' && !one.isDue(this.#now));
    const earliest = waiting.reduce((least, request) => Math.min(least, request.availableAt), Number.POSITIVE_INFINITY);
    expect(nextAvailableAt ?? Number.POSITIVE_INFINITY).toBe(earliest);
  }

  /** The organization whose last turn is longest ago, and its best request. */
  #checkClaim({ request, lease }: Claim): void {
    const ready = [...this.requests.values()].filter((one) => one.isDue(this.#now));
    const turn = (one: ModelRequest) => this.#turns.get(one.organizationId) ?? 0;
    const claimed = this.#model(request.id);
    expect(turn(claimed)).toBe(Math.min(...ready.map(turn)));
    const own = ready.filter((one) => one.organizationId === claimed.organizationId);
    own.sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    expect(own[0]?.id).toBe(claimed.id);
    claimed.claim(lease, this.#now + leaseMs);
    this.#turns.set(claimed.organizationId, ++this.#served);
    this.#leases.push(lease);
  }

  async #renew(step: StepOf<'renew'>): Promise<void> {
    const lease = this.#leaseOf(step.lease);
    if (!lease) return;
    const { lease: held } = this.#model(lease.requestId);
    const isHeld = held?.token === lease.token;
    const gone = await this.#storeOf(step.worker).renew([lease], { now: this.#now, leaseMs });
    expect(gone).toEqual(isHeld ? [] : [lease]);
    if (isHeld) held.expiresAt = this.#now + leaseMs;
  }

  async #beginCalls({ worker, lease: index, images }: StepOf<'beginCalls'>): Promise<void> {
    const lease = this.#leaseOf(index);
    if (!lease) return;
    const request = this.#model(lease.requestId);
    const known = request.lines.has(`${lease.attempt}/0`);
    const imageIndexes = Array.from({ length: images }, (_, imageIndex) => imageIndex);
    const begun = this.#storeOf(worker).beginCalls(lease, { imageIndexes, now: this.#now });
    if (known && request.holds(lease)) return expect(begun).rejects.toThrow();
    expect(await begun).toBe(request.holds(lease));
    if (request.holds(lease)) request.begin(lease, imageIndexes);
  }

  async #endCalls({ worker, lease: index, imageIndex, result }: StepOf<'endCalls'>): Promise<void> {
    const lease = this.#leaseOf(index);
    if (!lease) return;
    const end = this.#toEnd(imageIndex, result);
    await this.#storeOf(worker).endCalls(lease, [end]);
    this.#model(lease.requestId).end(lease, end);
  }

  async #settle(step: StepOf<'settle'>): Promise<void> {
    const lease = this.#leaseOf(step.lease);
    if (!lease) return;
    const request = this.#model(lease.requestId);
    const verdict = this.#toVerdict(step.verdict);
    const ends = step.ends.map((imageIndex) => this.#toEnd(imageIndex, step.result));
    for (const end of ends) request.end(lease, end);
    request.endLeftovers(lease, verdict.kind === 'interrupt' ? 'interrupted' : 'lost');
    const counts = request.settle(lease, verdict, this.#now);
    expect(await this.#storeOf(step.worker).settle({ lease, ends, verdict, now: this.#now })).toBe(counts);
  }

  async #rescue({ worker, limit, verdict: kind }: StepOf<'rescue'>): Promise<void> {
    const verdict = this.#toVerdict(kind);
    const isLost = (request: ModelRequest) => (request.lease?.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#now;
    const lost = [...this.requests.values()].filter(isLost).length;
    const rescued = await this.#storeOf(worker).rescue({ now: this.#now, limit, decide: () => verdict });
    expect(rescued).toHaveLength(Math.min(limit, lost));
    for (const { id, status } of rescued) {
      const request = this.#model(id);
      const { lease } = request;
      if (!lease || !isLost(request))
        throw new Error('A request was rescued from a holder whose lease had not run out.');
      request.endLeftovers(lease, 'lost');
      request.settle(lease, verdict, this.#now);
      expect(status).toBe(request.status);
    }
  }

  async #expire({ worker, limit }: StepOf<'expire'>): Promise<void> {
    const isOver = (request: ModelRequest) => request.status === 'queued' && request.deadlineAt <= this.#now;
    const over = [...this.requests.values()].filter(isOver).length;
    const expired = await this.#storeOf(worker).expire({ now: this.#now, limit });
    expect(expired).toHaveLength(Math.min(limit, over));
    for (const after of expired) {
      const request = this.#model(after.id);
      expect(isOver(request)).toBe(true);
      expect(after.outcome).toMatchObject({ kind: 'failure', failure: { code: 'deadline_exceeded' } });
      request.expire(after);
    }
  }

  #storeOf(worker: number): RequestStore {
    const store = this.#stores[worker];
    if (!store) throw new Error(`There is no store ${worker}.`);
    return store;
  }

  #model(id: string): ModelRequest {
    const request = this.requests.get(id);
    if (!request) throw new Error(`The store made up the request ${id}.`);
    return request;
  }

  #leaseOf(index: number): Lease | undefined {
    return this.#leases.at(-1 - index);
  }

  #toEnd(imageIndex: number, result: CallEnd['result']): CallEnd {
    return toCallEnd({ imageIndex, result, endedAt: this.#now, costMicros: result === 'succeeded' ? 134_000 : 0 });
  }

  /** Every outcome is another one, so that a second outcome would show. */
  #toVerdict(kind: Verdict['kind']): Verdict {
    const message = `outcome ${++this.#outcomes}`;
    switch (kind) {
      case 'succeed':
        return { kind, outcome: { ...successOutcome, text: message } };
      case 'fail':
        return { kind, outcome: { kind: 'failure', failure: { ...failureOutcome.failure, message } } };
      case 'retry':
        return { kind, availableAt: this.#now + 7_000, code: 'upstream_overloaded' };
      case 'interrupt':
        return { kind };
    }
  }
}
