import { afterEach, beforeEach } from 'vitest';
import type { RequestStore } from '../request-store.ts';

export interface StoreUnderTest {
  readonly store: RequestStore;
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
