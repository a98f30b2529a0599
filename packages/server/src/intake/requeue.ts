import type { Actor } from '../core/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { FailedQuery, RequestStore } from '../store/request-store.ts';

/** These requests, failed or cancelled; or all failed ones that match. */
export type RequeueChoice = { readonly ids: readonly string[] } | { readonly failed: FailedFilter };

export type FailedFilter = Pick<FailedQuery, 'code' | 'organizationId'>;

export interface Requeued {
  readonly count: number;
  /** Of the chosen ids, those that were not queued: they are not requests, or they are neither failed nor cancelled. */
  readonly skipped: readonly string[];
}

/** Queues requests of any organization again, for the operator; the audit log says for whom. */
export type Requeue = (choice: RequeueChoice, actor?: Actor) => Promise<Requeued>;

interface RequeueOptions {
  readonly store: Pick<RequestStore, 'requeue' | 'listFailed'>;
  readonly clock: Clock;
}

/** How many requests are queued again in one transaction. */
const passSize = 100;

export function createRequeue({ store, clock }: RequeueOptions): Requeue {
  const requeue = async (ids: readonly string[], now: number, actor: Actor | undefined) =>
    store.requeue(ids, now, actor && { actor, at: clock.now() });

  const requeueThese = async (ids: ReadonlySet<string>, actor: Actor | undefined): Promise<Requeued> => {
    const queued = new Set((await requeue([...ids], clock.now(), actor)).map(({ id }) => id));
    return { count: queued.size, skipped: [...ids].filter((id) => !queued.has(id)) };
  };

  /** One pass from the newest to the oldest. A request that fails meanwhile, perhaps again, stays failed, so the pass ends. */
  const requeueFailed = async (filter: FailedFilter, actor: Actor | undefined): Promise<Requeued> => {
    const now = clock.now();
    let count = 0;
    let cursor: string | undefined;
    for (;;) {
      const page = await store.listFailed({ ...filter, limit: passSize, ...(cursor !== undefined && { cursor }) });
      const ids = page.requests.filter(({ updatedAt }) => updatedAt <= now).map(({ id }) => id);
      if (ids.length > 0) count += (await requeue(ids, now, actor)).length;
      cursor = page.nextCursor;
      if (cursor === undefined) return { count, skipped: [] };
    }
  };

  return (choice, actor) =>
    'ids' in choice ? requeueThese(new Set(choice.ids), actor) : requeueFailed(choice.failed, actor);
}
