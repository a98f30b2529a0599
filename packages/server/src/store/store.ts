import type { AuditStore } from './audit-store.ts';
import type { BacklogStore } from './backlog-store.ts';
import type { BatchJobStore } from './batch-job-store.ts';
import type { BudgetStore } from './budget-store.ts';
import type { EventStore } from './event-store.ts';
import type { KeyStore } from './key-store.ts';
import type { OpenCallStore } from './open-call-store.ts';
import type { OrganizationStore } from './organization-store.ts';
import type { RemovalStore } from './removal-store.ts';
import type { RequestStore } from './request-store.ts';
import type { SessionStore } from './session-store.ts';
import type { UploadStore } from './upload-store.ts';
import type { UpstreamStore } from './upstream-store.ts';
import type { WebhookStore } from './webhook-store.ts';

/**
 * Everything that a service keeps in its database, by noun, on one connection or pool of connections. There are two stores:
 * `sqlite/` for the processes of one machine, and `postgres/` for those of many. They are twins: the same folders, the same
 * files, and the same rules, which are in `decisions/`. Only the SQL and the way to the database differ.
 */
export interface Store {
  readonly requests: RequestStore;
  readonly keys: KeyStore;
  readonly sessions: SessionStore;
  readonly organizations: OrganizationStore;
  readonly upstreams: UpstreamStore;
  readonly budgets: BudgetStore;
  readonly events: EventStore;
  readonly webhooks: WebhookStore;
  readonly uploads: UploadStore;
  readonly openCalls: OpenCallStore;
  readonly batchJobs: BatchJobStore;
  readonly removals: RemovalStore;
  readonly backlog: BacklogStore;
  readonly audit: AuditStore;
  readonly hints: Hints;
  /**
   * The time by the clock that all processes on the store share, in milliseconds since 1970; `Infinity` when that is the clock of
   * their own machine.
   */
  serverTime(): Promise<number>;
  /** Finishes the writes under way and lets go of the database. Closing again does nothing. */
  close(): Promise<void>;
}

/** `queued`: a request may be ready to be claimed. `changed`: the history of the requests has grown. */
export type Hint = 'queued' | 'changed';

/** Hints between the processes on the store, as far as the store reaches. They may come late, twice or never: polling is the truth. */
export interface Hints {
  /** Calls `listener` on every hint until the returned function is called. */
  onHint(listener: (hint: Hint) => void): () => void;
  /** Tells this process at once and the others soon; hints that come together are told as one. */
  hint(hint: Hint): void;
}

/** What bringing a schema up to date has done. */
export interface Migration {
  /** The number of the schema before, and after. */
  readonly from: number;
  readonly to: number;
}
