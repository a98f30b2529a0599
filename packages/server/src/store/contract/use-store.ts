import { afterEach, beforeEach } from 'vitest';
import type { AuditStore } from '../audit-store.ts';
import type { BacklogStore } from '../backlog-store.ts';
import type { BatchJobStore } from '../batch-job-store.ts';
import type { BudgetStore } from '../budget-store.ts';
import type { EventStore } from '../event-store.ts';
import type { KeyStore } from '../key-store.ts';
import type { OpenCallStore } from '../open-call-store.ts';
import type { OrganizationStore } from '../organization-store.ts';
import type { RemovalStore } from '../removal-store.ts';
import type { RequestStore } from '../request-store.ts';
import type { SessionStore } from '../session-store.ts';
import type { UploadStore } from '../upload-store.ts';
import type { UpstreamStore } from '../upstream-store.ts';
import type { WebhookStore } from '../webhook-store.ts';

/** On one connection. */
export interface Stores {
  readonly store: RequestStore;
  readonly keys: KeyStore;
  readonly sessions: SessionStore;
  readonly organizations: OrganizationStore;
  readonly budgets: BudgetStore;
  readonly upstreams: UpstreamStore;
  readonly events: EventStore;
  readonly webhooks: WebhookStore;
  readonly uploads: UploadStore;
  readonly openCalls: OpenCallStore;
  readonly batchJobs: BatchJobStore;
  readonly removals: RemovalStore;
  readonly backlog: BacklogStore;
  readonly audit: AuditStore;
}

/** Writes that the database refuses from now on, by a trigger that raises. */
export interface RefusedWrite {
  readonly table: string;
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE';
  /** A condition of SQL on the row `NEW`. */
  readonly when: string;
}

export interface StoreUnderTest extends Stores {
  /** The trigger goes with the data. */
  refuse(refusal: RefusedWrite): Promise<void>;
  /** Writes directly to the database, as no program of ours does. */
  spoil(sql: string): Promise<void>;
  /** Second stores on the same data, as another process has them. */
  connect(): Promise<Stores>;
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
      if (!current) throw new Error('There is a store only inside a test.');
      return current;
    },
  };
}
