import { expect } from 'vitest';
import type { CallEnd, Lease, Verdict } from '../../core/image-request.ts';
import type { Upstream } from '../../core/upstreams.ts';
import type { EventStore } from '../event-store.ts';
import type { Claim, RequestStore } from '../request-store.ts';
import { failureOutcome, leaseMs, order, picture, start, successOutcome, toCallEnd, toNewRequest } from './fixtures.ts';
import { ModelRequest } from './request-model.ts';
import type { Stores } from './use-store.ts';

/** One random event. `worker` is the store that it uses, `lease` one of all leases that were given; 0 is the last. */
export type Step =
  | {
      readonly kind: 'submit';
      readonly worker: number;
      readonly organizationId: string;
      readonly model: string;
      readonly priority: number;
      readonly images: number;
      readonly deadlineInMs: number;
    }
  /** `pool`: one of the pools. */
  | { readonly kind: 'claim'; readonly worker: number; readonly limit: number; readonly pool: number }
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
  | { readonly kind: 'expire'; readonly worker: number; readonly limit: number; readonly verdict: 'succeed' | 'fail' }
  /** `request`: one of all submitted requests; 0 is the last. */
  | { readonly kind: 'cancel'; readonly worker: number; readonly request: number }
  | { readonly kind: 'requeue'; readonly worker: number; readonly requests: readonly number[] }
  | { readonly kind: 'pass'; readonly ms: number };

/** An upstream for each model, one with plenty of room and one with little. */
export const pools = [
  { model: 'model-1', upstream: { name: 'wide', limits: { concurrency: 1_000 } } },
  { model: 'model-2', upstream: { name: 'narrow', limits: { concurrency: 2 } } },
] as const satisfies readonly { readonly model: string; readonly upstream: Upstream }[];

type StepOf<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>;

type Connection = Pick<Stores, 'store' | 'events'>;

/** Takes steps on real stores and on the model at the same time, and compares what each call returned. */
export class StoreWalk {
  readonly requests = new Map<string, ModelRequest>();
  readonly #stores: readonly Connection[];
  readonly #leases: Lease[] = [];
  /** When each organization was served last, counted in claims. */
  readonly #turns = new Map<string, number>();
  #now = start;
  #served = 0;
  #outcomes = 0;
  #pictures = 0;

  constructor(stores: readonly Connection[]) {
    this.#stores = stores;
  }

  /** The store to compare with after a step. */
  get store(): RequestStore {
    return this.#connection(0).store;
  }

  /** The history to compare with, as another process sees it. */
  get events(): EventStore {
    return this.#connection(1).events;
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
      case 'cancel':
        return this.#cancel(step);
      case 'requeue':
        return this.#requeue(step);
      case 'pass':
        this.#now += step.ms;
    }
  }

  async #submit(step: StepOf<'submit'>): Promise<void> {
    const { worker, organizationId, model, priority, images, deadlineInMs } = step;
    const times = { createdAt: this.#now, deadlineAt: this.#now + deadlineInMs };
    const request = toNewRequest({ organizationId, model, priority, order: { ...order, images }, ...times });
    expect((await this.#storeOf(worker).submit(request)).kind).toBe('submitted');
    this.requests.set(request.id, new ModelRequest(request));
  }

  /** The store takes requests one by one until its limit, the room or the queue is exhausted; so does the model. */
  async #claim({ worker, limit, pool }: StepOf<'claim'>): Promise<void> {
    const { model, upstream } = toPool(pool);
    const models = new Map([[model, model]]);
    const query = { worker: `worker-${worker}`, limit, upstreams: [upstream], models, now: this.#now, leaseMs };
    const { claims, nextAvailableAt } = await this.#storeOf(worker).claim(query);
    let left = limit;
    for (const claim of claims) {
      const calls = Math.min(left, this.#roomOf(pool));
      this.#checkClaim(claim, { model, calls });
      left -= Math.max(1, claim.imageIndexes.length);
    }
    const isOver = left === 0 || this.#ready(model).length === 0 || this.#roomOf(pool) === 0;
    expect(isOver).toBe(true);
    const waiting = [...this.requests.values()].filter((one) => one.status === 'queued' && !one.isDue(this.#now));
    const earliest = waiting.reduce((least, request) => Math.min(least, request.availableAt), Number.POSITIVE_INFINITY);
    expect(nextAvailableAt ?? Number.POSITIVE_INFINITY).toBe(earliest);
  }

  /** The organization whose last turn was longest ago, its best request, and the calls that there is room for. */
  #checkClaim(claim: Claim, { model, calls }: { readonly model: string; readonly calls: number }): void {
    const { request, imageIndexes } = claim;
    const ready = this.#ready(model);
    const turn = (one: ModelRequest) => this.#turns.get(one.organizationId) ?? 0;
    const claimed = this.#model(request.id);
    expect(turn(claimed)).toBe(Math.min(...ready.map(turn)));
    const own = ready.filter((one) => one.organizationId === claimed.organizationId);
    own.sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    expect(own[0]?.id).toBe(claimed.id);
    expect(calls).toBeGreaterThan(0);
    expect(imageIndexes).toHaveLength(Math.min(calls, claimed.missing.length));
    expect(claimed.missing).toEqual(expect.arrayContaining([...imageIndexes]));
    claimed.claim(claim, this.#now + leaseMs);
    this.#turns.set(claimed.organizationId, ++this.#served);
    this.#leases.push(claim.lease);
  }

  async #renew(step: StepOf<'renew'>): Promise<void> {
    const lease = this.#leaseOf(step.lease);
    if (!lease) return;
    const request = this.#model(lease.requestId);
    const gone = await this.#storeOf(step.worker).renew([lease], { now: this.#now, leaseMs });
    expect(gone).toEqual(request.holds(lease) ? [] : [lease]);
    request.renew(lease, this.#now + leaseMs);
  }

  async #beginCalls({ worker, lease: index, images }: StepOf<'beginCalls'>): Promise<void> {
    const lease = this.#leaseOf(index);
    if (!lease) return;
    const request = this.#model(lease.requestId);
    const imageIndexes = Array.from({ length: images }, (_, imageIndex) => imageIndex);
    const lines = request.unsent(lease).filter(({ imageIndex }) => imageIndexes.includes(imageIndex));
    const begun = this.#storeOf(worker).beginCalls(lease, { imageIndexes, now: this.#now });
    const maySend = request.holds(lease) && !request.hasBrought(imageIndexes, lease);
    if (maySend && lines.length < images) return expect(begun).rejects.toThrow();
    expect(await begun).toBe(maySend);
    if (maySend) for (const line of lines) line.isSent = true;
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
    for (const request of this.requests.values()) request.endOrphans(this.#now);
  }

  async #expire({ worker, limit, verdict: kind }: StepOf<'expire'>): Promise<void> {
    const over = [...this.requests.values()].filter((request) => request.isOver(this.#now)).length;
    const verdict = this.#toVerdict(kind);
    const expired = await this.#storeOf(worker).expire({ now: this.#now, limit, decide: () => verdict });
    expect(expired).toHaveLength(Math.min(limit, over));
    for (const after of expired) {
      const request = this.#model(after.id);
      expect(request.isOver(this.#now)).toBe(true);
      if ('outcome' in verdict) request.expire(verdict.outcome);
    }
  }

  async #cancel({ worker, request: index }: StepOf<'cancel'>): Promise<void> {
    const request = this.#requestOf(index);
    if (!request) return;
    request.cancel();
    const after = await this.#storeOf(worker).cancel(request.organizationId, request.id, this.#now);
    expect(after).toMatchObject(request.toRow());
  }

  async #requeue({ worker, requests }: StepOf<'requeue'>): Promise<void> {
    const chosen = requests.flatMap((index) => this.#requestOf(index) ?? []);
    const queued = chosen.filter((request) => request.requeue(this.#now));
    const ids = chosen.map(({ id }) => id);
    const after = await this.#storeOf(worker).requeue(ids, this.#now);
    expect(after).toMatchObject(queued.map((request) => request.toRow()));
  }

  #ready(model: string): readonly ModelRequest[] {
    return [...this.requests.values()].filter((one) => one.model === model && one.isDue(this.#now));
  }

  #roomOf(pool: number): number {
    const { model, upstream } = toPool(pool);
    const own = [...this.requests.values()].filter((request) => request.model === model);
    return upstream.limits.concurrency - own.reduce((sum, { underWay }) => sum + underWay, 0);
  }

  #requestOf(index: number): ModelRequest | undefined {
    return [...this.requests.values()].at(-1 - index);
  }

  #storeOf(worker: number): RequestStore {
    return this.#connection(worker).store;
  }

  #connection(worker: number): Connection {
    const connection = this.#stores[worker];
    if (!connection) throw new Error(`There is no store ${worker}.`);
    return connection;
  }

  #model(id: string): ModelRequest {
    const request = this.requests.get(id);
    if (!request) throw new Error(`The store invented the request ${id}.`);
    return request;
  }

  #leaseOf(index: number): Lease | undefined {
    return this.#leases.at(-1 - index);
  }

  /** Only a success brings a picture, a different one every time. */
  #toEnd(imageIndex: number, result: CallEnd['result']): CallEnd {
    const end = toCallEnd({ imageIndex, result, endedAt: this.#now });
    if (result !== 'succeeded') return { ...end, costMicros: 0, failure: failureOutcome.failure };
    const name = `picture-${++this.#pictures}.png`;
    return { ...end, answer: { parts: [{ kind: 'picture', picture: { ...picture, name } }] } };
  }

  /** Every outcome is different, so that a second outcome would show. */
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

function toPool(index: number) {
  const pool = pools[index];
  if (!pool) throw new Error(`There is no pool ${index}.`);
  return pool;
}
