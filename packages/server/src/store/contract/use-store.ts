import { afterEach, beforeEach } from 'vitest';
import type { BudgetStore } from '../budget-store.ts';
import type { RequestStore } from '../request-store.ts';
import type { UpstreamStore } from '../upstream-store.ts';

export interface StoreUnderTest {
  readonly store: RequestStore;
  /** On the same data. */
  readonly budgets: BudgetStore;
  /** On the same connection. */
  readonly upstreams: UpstreamStore;
  /** A second store on the same data, as another process has it. */
  connect(): Promise<RequestStore>;
  /** Closes every store and removes the data. */
  destroy(): Promise<void>;
}

export type CreateStoreUnderTest = () => Promise<StoreUnderTest>;

/** A fresh store for each test of the suite. */
export function useStore(create: CreateStoreUnderTest): { readonly current: StoreUnderTest } {
  let current: StoreUnderTest | undefined;
  beforeEach(async () => {
    current = await create();
  });
  afterEach(async () => {
    await current?.destroy();
    current = undefined;
  });
  return {
    get current() {
      if (!current) throw new Error('A store is there only inside a test.');
      return current;
    },
  };
}
