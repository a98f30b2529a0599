import type { Lease, Verdict } from '../../core/image-request.ts';
import type { NewRequest } from '../request-store.ts';
import {
  claimMany,
  failureOutcome,
  leaseMs,
  picture,
  start,
  successOutcome,
  toCallEnd,
  toNewRequest,
} from './fixtures.ts';
import type { StoreUnderTest } from './use-store.ts';

const hourMs = 3_600_000;

export const ledgerOrganizations = ['org-a', 'org-b'] as const;

/** One random event. `nth` selects one of the requests and leases so far; 0 is the last. */
export type LedgerStep =
  | { readonly kind: 'submit'; readonly organizationId: string; readonly apiKeyId: string }
  | { readonly kind: 'claim'; readonly limit: number }
  | { readonly kind: 'endCall'; readonly nth: number; readonly costMicros: number }
  | { readonly kind: 'settle'; readonly nth: number; readonly verdict: Verdict['kind']; readonly costMicros: number }
  | { readonly kind: 'rescue'; readonly verdict: Verdict['kind'] }
  | { readonly kind: 'expire' }
  | { readonly kind: 'cancel'; readonly nth: number }
  | { readonly kind: 'requeue'; readonly nth: number }
  | { readonly kind: 'setBudgets' }
  | { readonly kind: 'pass'; readonly hours: number };

type Submitted = Pick<NewRequest, 'id' | 'organizationId'>;

/** Takes steps that cost money. */
export class LedgerWalk {
  readonly under: StoreUnderTest;
  now = start;
  readonly #ids: Submitted[] = [];
  readonly #leases: Lease[] = [];
  #pictures = 0;

  constructor(under: StoreUnderTest) {
    this.under = under;
  }

  /** One budget that is never reached, and one that refuses some requests. */
  async setBudgets(): Promise<void> {
    const { budgets } = this.under;
    const ample = { limitMicros: 1_000_000_000, period: 'month' } as const;
    await budgets.set({ ...ample, scope: 'organization', id: 'org-a' }, this.now);
    await budgets.set({ ...ample, scope: 'key', id: 'key-1', period: 'day' }, this.now);
    await budgets.set({ ...ample, scope: 'organization', id: 'org-b', limitMicros: 400_000 }, this.now);
  }

  async take(step: LedgerStep): Promise<unknown> {
    const { store } = this.under;
    switch (step.kind) {
      case 'submit':
        return this.#submit(step.organizationId, step.apiKeyId);
      case 'claim':
        return this.#claim(step.limit);
      case 'endCall':
        return this.#withLease(step.nth, (lease) => store.endCalls(lease, [this.#toEnd(step.costMicros)]));
      case 'settle':
        return this.#withLease(step.nth, (lease) => {
          const ends = [this.#toEnd(step.costMicros)];
          return store.settle({ lease, ends, verdict: this.#toVerdict(step.verdict), now: this.now });
        });
      case 'rescue':
        return store.rescue({ now: this.now, limit: 2, decide: () => this.#toVerdict(step.verdict) });
      case 'expire':
        return store.expire({ now: this.now, limit: 2, decide: () => this.#toVerdict('fail') });
      case 'cancel':
        return this.#withRequest(step.nth, ({ id, organizationId }) => store.cancel(organizationId, id, this.now));
      case 'requeue':
        return store.requeue(this.#toIds(step.nth), this.now);
      case 'setBudgets':
        return this.setBudgets();
      case 'pass':
        this.now += step.hours * hourMs;
        return undefined;
    }
  }

  async #submit(organizationId: string, apiKeyId: string): Promise<void> {
    const deadlineAt = this.now + 24 * hourMs;
    const request = toNewRequest({ organizationId, apiKeyId, createdAt: this.now, deadlineAt });
    const { kind } = await this.under.store.submit(request);
    if (kind === 'submitted') this.#ids.push(request);
  }

  async #claim(limit: number): Promise<void> {
    for (const { lease, imageIndexes } of await claimMany(this.under.store, limit, this.now)) {
      this.#leases.push(lease);
      await this.under.store.beginCalls(lease, { imageIndexes, now: this.now });
    }
  }

  #withLease(nth: number, work: (lease: Lease) => Promise<unknown>): Promise<unknown> {
    const lease = this.#leases.at(-1 - nth);
    return lease ? work(lease) : Promise.resolve();
  }

  /** Of submitted and of claimed requests. */
  #toIds(nth: number): readonly string[] {
    const ids = [this.#ids.at(-1 - nth)?.id, this.#leases.at(-1 - nth)?.requestId];
    return ids.filter((id) => id !== undefined);
  }

  #withRequest(nth: number, work: (request: Submitted) => Promise<unknown>): Promise<unknown> {
    const request = this.#ids.at(-1 - nth);
    return request ? work(request) : Promise.resolve();
  }

  #toEnd(costMicros: number) {
    const one = { ...picture, name: `picture-${++this.#pictures}.png` };
    return toCallEnd({ endedAt: this.now, costMicros, answer: { parts: [{ kind: 'picture', picture: one }] } });
  }

  #toVerdict(kind: Verdict['kind']): Verdict {
    switch (kind) {
      case 'succeed':
        return { kind, outcome: successOutcome };
      case 'fail':
        return { kind, outcome: failureOutcome };
      case 'retry':
        return { kind, availableAt: this.now + leaseMs, code: 'upstream_overloaded' };
      case 'interrupt':
        return { kind };
    }
  }
}
