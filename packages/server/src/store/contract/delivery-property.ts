import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebhookDelivery } from '../../core/webhooks.ts';
import { webhookEvents } from '../../core/webhooks.ts';
import type { WebhookStore } from '../webhook-store.ts';
import { leaseMs, spreadAllNews, start, submitOne, toNewEndpoint } from './fixtures.ts';
import type { CreateStoreUnderTest, Stores, StoreUnderTest } from './use-store.ts';

type Step =
  | { readonly kind: 'submit'; readonly hasOwn: boolean }
  /** Cancels what was submitted, or queues it again. `nth` says which request; 0 is the last. */
  | { readonly kind: 'move'; readonly nth: number }
  | { readonly kind: 'claim'; readonly taker: number; readonly limit: number }
  /** Ends any delivery that was ever taken, in time or late. */
  | { readonly kind: 'end'; readonly taker: number; readonly nth: number; readonly how: EndKind }
  | { readonly kind: 'resend'; readonly nth: number }
  | { readonly kind: 'pause'; readonly endpoint: number; readonly isPaused: boolean }
  | { readonly kind: 'pass'; readonly ms: number };

type EndKind = 'delivered' | 'failed' | 'retry';

const nth = fc.nat({ max: 4 });
const taker = fc.nat({ max: 1 });
const endpoints = ['endpoint-1', 'endpoint-2'] as const;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('submit'), hasOwn: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('move'), nth }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('claim'), taker, limit: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('end'),
      taker,
      nth,
      how: fc.constantFrom('delivered', 'failed', 'retry'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resend'), nth }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pause'), endpoint: fc.nat({ max: 1 }), isPaused: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(1, 5_000, leaseMs) }) },
);

export function describeDeliveryProperty(create: CreateStoreUnderTest): void {
  describe('whatever takers and receivers do, in whatever order', () => {
    it('no delivery has two takers, each line is told in order, and every delivery ends', async () => {
      const { FC_SEED: seed, FC_NUM_RUNS: runs } = process.env;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
          const under = await create();
          try {
            const walk = new DeliveryWalk(under, [under, await under.connect()]);
            await walk.begin();
            for (const one of steps) await walk.take(one);
            await walk.drain();
          } finally {
            await under.destroy();
          }
        }),
        { numRuns: Number(runs ?? 25), ...(seed && { seed: Number(seed) }) },
      );
    }, 120_000);
  });
}

class DeliveryWalk {
  readonly #under: StoreUnderTest;
  readonly #takers: readonly Stores[];
  readonly #requests: string[] = [];
  readonly #taken: WebhookDelivery[] = [];
  readonly #paused = new Set<string>();
  #now = start;

  constructor(under: StoreUnderTest, takers: readonly Stores[]) {
    this.#under = under;
    this.#takers = takers;
  }

  async begin(): Promise<void> {
    for (const id of endpoints) await this.#under.webhooks.createEndpoint(toNewEndpoint({ id }), 50);
  }

  async take(step: Step): Promise<unknown> {
    switch (step.kind) {
      case 'submit':
        return this.#submit(step.hasOwn);
      case 'move':
        return this.#move(this.#requests.at(-1 - step.nth));
      case 'claim':
        return this.#claim(this.#webhooksOf(step.taker), step.limit);
      case 'end':
        return this.#end(this.#webhooksOf(step.taker), this.#taken.at(-1 - step.nth), step.how);
      case 'resend':
        return this.#resend(this.#taken.at(-1 - step.nth));
      case 'pause':
        return this.#pause(endpoints[step.endpoint] ?? endpoints[0], step.isPaused);
      case 'pass':
        this.#now += step.ms;
        return undefined;
    }
  }

  /** Takers that never fail get everything. */
  async drain(): Promise<void> {
    for (const id of endpoints) await this.#pause(id, false);
    // Those taken before end once more, in time or late.
    let ended = 0;
    for (let round = 0; round < 1_000; round += 1) {
      const nextAt = await this.#claim(this.#under.webhooks, 5);
      const open = this.#taken.slice(ended);
      ended = this.#taken.length;
      for (const delivery of open) await this.#end(this.#under.webhooks, delivery, 'delivered');
      const pending = (await this.#list()).filter(({ status }) => status === 'pending');
      if (pending.length === 0) return;
      expect(nextAt).toBeDefined();
      this.#now = Math.max(this.#now, nextAt ?? 0);
    }
    throw new Error('Some deliveries never arrived.');
  }

  async #submit(hasOwn: boolean): Promise<void> {
    const webhook = { url: 'https://own.example', events: webhookEvents };
    this.#requests.push(await submitOne(this.#under.store, { createdAt: this.#now, ...(hasOwn && { webhook }) }));
  }

  async #move(id: string | undefined): Promise<void> {
    const { store } = this.#under;
    if (id === undefined || (await store.requeue([id], this.#now)).length > 0) return;
    await store.cancel('org-a', id, this.#now);
  }

  /** Due, of no paused endpoint, not taken by another, and the first pending one of its line. */
  async #claim(webhooks: WebhookStore, limit: number): Promise<number | undefined> {
    const before = await this.#list();
    const { deliveries, nextAt } = await webhooks.claim({ now: this.#now, limit, leaseMs });
    const expected = before.filter((delivery) => this.#isDue(delivery, before));
    expect(deliveries).toHaveLength(Math.min(limit, expected.length));
    const ids = expected.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(deliveries.map(({ id }) => id)));
    this.#taken.push(...deliveries);
    return nextAt;
  }

  /** A `nextAt` in the future is a lease or a back-off. */
  #isDue(delivery: WebhookDelivery, all: readonly WebhookDelivery[]): boolean {
    if (delivery.status !== 'pending' || delivery.nextAt > this.#now) return false;
    if (this.#paused.has(delivery.endpointId ?? '')) return false;
    return !all.some(
      (one) =>
        one.status === 'pending' &&
        one.requestId === delivery.requestId &&
        one.endpointId === delivery.endpointId &&
        one.seq < delivery.seq,
    );
  }

  async #end(webhooks: WebhookStore, delivery: WebhookDelivery | undefined, how: EndKind): Promise<void> {
    if (!delivery) return;
    const tried = { at: this.#now, httpStatus: how === 'delivered' ? 200 : 500 };
    const end = how === 'retry' ? { kind: how, tried, nextAt: this.#now + 5_000 } : { kind: how, tried };
    const before = (await this.#list()).find(({ id }) => id === delivery.id);
    const isHeld = before?.status === 'pending' && before.nextAt === delivery.nextAt;
    const counts = isHeld || (before?.status === 'pending' && how === 'delivered');
    await webhooks.endTry(delivery, end);
    const after = (await this.#list()).find(({ id }) => id === delivery.id);
    if (!counts) expect(after).toEqual(before);
    else expect(after).toMatchObject({ status: how === 'retry' ? 'pending' : how, tries: (before?.tries ?? 0) + 1 });
  }

  async #resend(delivery: WebhookDelivery | undefined): Promise<void> {
    if (!delivery) return;
    await this.#under.webhooks.resend('org-a', delivery.id, this.#now);
  }

  async #pause(id: string, isPaused: boolean): Promise<void> {
    if (isPaused) this.#paused.add(id);
    else this.#paused.delete(id);
    await this.#under.webhooks.updateEndpoint('org-a', id, { pausedAt: isPaused ? this.#now : undefined });
  }

  async #list(): Promise<readonly WebhookDelivery[]> {
    await spreadAllNews(this.#under.webhooks);
    return this.#under.webhooks.listDeliveries({ organizationId: 'org-a', limit: 10_000 });
  }

  #webhooksOf(taker: number): WebhookStore {
    return (this.#takers[taker] ?? this.#under).webhooks;
  }
}
