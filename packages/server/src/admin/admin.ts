import type { Upstream } from '../core/upstreams.ts';
import { toHouseError } from '../http/error-reply.ts';
import type { Mount } from '../http/mount.ts';
import type { ToRecordChunks } from '../http/paged-list.ts';
import type { Intake } from '../intake/intake.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { AuditStore } from '../store/audit-store.ts';
import type { BatchJobStore } from '../store/batch-job-store.ts';
import type { BudgetStore } from '../store/budget-store.ts';
import type { EventStore } from '../store/event-store.ts';
import type { KeyStore } from '../store/key-store.ts';
import type { OrganizationStore } from '../store/organization-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { SessionStore } from '../store/session-store.ts';
import type { UpstreamStore } from '../store/upstream-store.ts';
import { adminPrefix } from './admin-prefix.ts';
import { adminPart } from './openapi/admin-part.ts';
import { registerAuditRoutes } from './routes/audit.ts';
import { registerBatchJobRoute } from './routes/batch-jobs.ts';
import { registerBudgetRoutes } from './routes/budgets.ts';
import { registerContentRoute } from './routes/content.ts';
import { registerDeadLetterRoutes } from './routes/dead-letters.ts';
import { registerKeyRoutes } from './routes/keys.ts';
import { registerOrganizationRoutes } from './routes/organizations.ts';
import { registerSessionRoutes } from './routes/sessions.ts';
import { registerThroughputRoute } from './routes/throughput.ts';
import { registerUpstreamRoutes } from './routes/upstreams.ts';

export interface AdminOptions {
  readonly intake: Pick<Intake, 'requeue' | 'deleteOrganization'>;
  readonly store: RequestStore;
  /** The record of a request, in the format that callers know. */
  readonly toRecordChunks: ToRecordChunks;
  readonly upstreams: UpstreamStore;
  /** The upstreams that get work. */
  readonly pool: readonly Upstream[];
  readonly models: ModelRegistry;
  readonly budgets: BudgetStore;
  readonly keys: KeyStore;
  readonly sessions: Pick<SessionStore, 'list' | 'end'>;
  readonly organizations: OrganizationStore;
  readonly events: EventStore;
  readonly batchJobs: Pick<BatchJobStore, 'list'>;
  readonly audit: Pick<AuditStore, 'list'>;
  readonly clock: Clock;
}

/** The operator's calls. */
export function createAdmin(options: AdminOptions): Mount {
  const { intake, store, toRecordChunks, upstreams, pool, models, budgets, keys, organizations } = options;
  const { events, clock, batchJobs, audit, sessions } = options;
  return {
    name: 'admin',
    scopes: [
      {
        prefix: adminPrefix,
        register: (scope) => {
          registerDeadLetterRoutes(scope, { intake, store, toRecordChunks });
          registerUpstreamRoutes(scope, { upstreams, pool, models, clock });
          registerBatchJobRoute(scope, { batchJobs });
          registerBudgetRoutes(scope, { budgets, keys, clock });
          registerKeyRoutes(scope, { keys, models, clock });
          registerSessionRoutes(scope, { sessions, clock });
          registerOrganizationRoutes(scope, { organizations, clock });
          registerThroughputRoute(scope, { events, clock });
          registerContentRoute(scope, { intake });
          registerAuditRoutes(scope, { audit });
        },
      },
    ],
    isForAdmins: true,
    toErrorReply: toHouseError,
    openApi: adminPart,
  };
}
