import { describe } from 'vitest';
import { describeAudit } from './contract/audit.ts';
import { describeBacklog } from './contract/backlog.ts';
import { describeBatchJobs } from './contract/batch-jobs.ts';
import { describeBudgets } from './contract/budgets.ts';
import { describeCancelling } from './contract/cancelling.ts';
import { describeClaiming } from './contract/claiming.ts';
import { describeDeadLetters } from './contract/dead-letters.ts';
import { describeEndedMinutes } from './contract/ended-minutes.ts';
import { describeHistory } from './contract/history.ts';
import { describeIdempotency } from './contract/idempotency.ts';
import { describeLedgerProperty } from './contract/ledger-property.ts';
import { describeLifecycleProperty } from './contract/lifecycle-property.ts';
import { describeListFilters } from './contract/list-filters.ts';
import { describeListing } from './contract/listing.ts';
import { describeLookups } from './contract/lookups.ts';
import { describeOddValues } from './contract/odd-values.ts';
import { describeOpenCalls } from './contract/open-calls.ts';
import { describeOrganizations } from './contract/organizations.ts';
import { describePoisonedRows } from './contract/poisoned-rows.ts';
import { describePositions } from './contract/positions.ts';
import { describePruning } from './contract/pruning.ts';
import { describeRequeueing } from './contract/requeueing.ts';
import { describeRescuing } from './contract/rescuing.ts';
import { describeServiceTiers } from './contract/service-tiers.ts';
import { describeSessions } from './contract/sessions.ts';
import { describeSettling } from './contract/settling.ts';
import { describeSpending } from './contract/spending.ts';
import { describeStandIns } from './contract/stand-ins.ts';
import { describeSubmitting } from './contract/submitting.ts';
import { describeUploads } from './contract/uploads.ts';
import { describeUpstreams } from './contract/upstreams.ts';
import type { CreateStoreUnderTest } from './contract/use-store.ts';

const parts = [
  describeSubmitting,
  describeIdempotency,
  describeOpenCalls,
  describeBudgets,
  describeSpending,
  describeListing,
  describeListFilters,
  describeDeadLetters,
  describeLookups,
  describeLedgerProperty,
  describeClaiming,
  describeSettling,
  describeRescuing,
  describeCancelling,
  describeRequeueing,
  describeUpstreams,
  describeStandIns,
  describeUploads,
  describeOrganizations,
  describeAudit,
  describeSessions,
  describePruning,
  describeOddValues,
  describePoisonedRows,
  describeHistory,
  describeEndedMinutes,
  describeBacklog,
  describePositions,
  describeServiceTiers,
  describeBatchJobs,
  describeLifecycleProperty,
];

/** The promises of `RequestStore`, one test each: the suite that every store passes, without an exception. */
export function describeRequestStoreContract(name: string, create: CreateStoreUnderTest): void {
  describe(`${name} keeps the promises of a request store:`, () => {
    // Each in a separate suite, so that the store that a suite creates before each test is created only for its own tests.
    for (const describePart of parts) describe('', () => describePart(create));
  });
}
