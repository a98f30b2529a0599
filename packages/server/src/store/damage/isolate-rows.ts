import type { ImageRequest, Lease } from '../../core/image-request.ts';
import type { Logger } from '../../platform/logger.ts';
import { toBareSettlement } from '../decisions/poisoned-outcome.ts';
import type { ClaimQuery, ClaimResult, RequestStore, RescueQuery, Settlement } from '../request-store.ts';
import { PoisonedRows, type PoisonedRowsOptions, type Trace } from './poisoned-rows.ts';

type Isolated = 'claim' | 'rescue' | 'expire' | 'settle' | 'cancel' | 'cancelLeft';

/** A store whose batches record the rows that they touch, and which can end a request without telling webhooks. */
export interface TracedStore extends Omit<RequestStore, Isolated> {
  claim(query: ClaimQuery, trace: Trace): Promise<ClaimResult>;
  rescue(query: Parameters<RequestStore['rescue']>[0], trace: Trace): Promise<readonly ImageRequest[]>;
  expire(query: RescueQuery, trace: Trace): Promise<readonly ImageRequest[]>;
  settle(settlement: Settlement, telling?: { readonly isUntold: boolean }): Promise<boolean>;
  cancel(
    organizationId: string,
    id: string,
    given: { readonly now: number; readonly isUntold: boolean },
  ): Promise<ImageRequest | undefined>;
  cancelLeft(
    id: string,
    given: { readonly now: number; readonly isUntold: boolean },
  ): Promise<ImageRequest | undefined>;
}

export type IsolateOptions = Pick<PoisonedRowsOptions, 'isRowFault' | 'toCode' | 'end'> & {
  readonly logger: Logger | undefined;
};

/** The store in which no row stops another (`PoisonedRows`), the same for both databases. */
export function isolateRows(traced: TracedStore, options: IsolateOptions): RequestStore {
  const { isRowFault } = options;
  const poisoned = new PoisonedRows({ ...options, toFacts: (id) => ({ event: 'request.poisoned', request_id: id }) });
  /** All together, or one by one when they fail because of one of them. */
  const each = async <Item, Result>(
    items: readonly Item[],
    { what, idOf, write, instead }: Each<Item, Result>,
  ): Promise<readonly Result[]> => {
    try {
      return await write(items);
    } catch (error) {
      if (!isRowFault(error)) throw error;
      const results: Result[] = [];
      for (const item of items) {
        const ways = [() => write([item]), async () => instead(item)];
        results.push(...(await poisoned.insist(idOf(item), { what, ways })));
      }
      return results;
    }
  };
  const batch = (what: string, run: TracedStore['rescue'], query: RescueQuery) =>
    poisoned.isolate({
      what,
      now: query.now,
      limit: query.limit,
      run: (limit, trace) => run({ ...query, limit }, trace),
    });
  const untold = { isUntold: true };
  return {
    ...traced,
    claim: (query) => claim(poisoned, query, traced.claim),
    rescue: (query) => batch('rescue', traced.rescue, query),
    expire: (query) => batch('expire', traced.expire, query),
    settle: (settlement) =>
      poisoned.insist(settlement.lease.requestId, {
        what: 'settle',
        ways: [
          () => traced.settle(settlement),
          () => traced.settle(settlement, untold),
          // `false`, since what was given is not what was written: the answers are not, and their pictures belong to no request.
          () => traced.settle(toBareSettlement(settlement), untold).then(() => false),
          // The rescue ends it, or leaves it out.
          async () => false,
        ],
      }),
    cancel: (organizationId, id, now) =>
      poisoned.insist(id, {
        what: 'cancel',
        ways: [false, true].map((isUntold) => () => traced.cancel(organizationId, id, { now, isUntold })),
      }),
    cancelLeft: (id, now) =>
      poisoned.insist(id, {
        what: 'cancel',
        ways: [false, true].map((isUntold) => () => traced.cancelLeft(id, { now, isUntold })),
      }),
    renew: (leases, query) =>
      each<Lease, Lease>(leases, {
        what: 'renew',
        idOf: ({ requestId }) => requestId,
        write: (some) => traced.renew(some, query),
        instead: (lease) => [lease],
      }),
    requeue: (ids, now, by) =>
      each<string, ImageRequest>(ids, {
        what: 'requeue',
        idOf: (id) => id,
        write: (some) => traced.requeue(some, now, by),
        instead: () => [],
      }),
  };
}

interface Each<Item, Result> {
  readonly what: string;
  readonly idOf: (item: Item) => string;
  readonly write: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** The result of an item that fails even on its own. */
  readonly instead: (item: Item) => readonly Result[];
}

/** Requests that are left out are no reason to claim again at once. */
async function claim(poisoned: PoisonedRows, query: ClaimQuery, run: TracedStore['claim']): Promise<ClaimResult> {
  let nextAvailableAt: number | undefined;
  const claims = await poisoned.isolate({
    what: 'claim',
    now: query.now,
    limit: query.limit,
    run: async (limit, trace) => {
      const result = await run({ ...query, limit }, trace);
      const isLeftOut = trace.aside.size > 0 && (result.nextAvailableAt ?? 0) <= query.now;
      nextAvailableAt = isLeftOut ? undefined : result.nextAvailableAt;
      return result.claims;
    },
  });
  return { claims, nextAvailableAt };
}
