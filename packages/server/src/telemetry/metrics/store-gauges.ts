import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromLane } from '../../core/service-tiers.ts';
import type { Upstream } from '../../core/upstreams.ts';
import type { Clock } from '../../platform/clock.ts';
import type { BacklogStore } from '../../store/backlog-store.ts';
import type { BudgetStore } from '../../store/budget-store.ts';
import type { OrganizationStore } from '../../store/organization-store.ts';
import type { PoolQuery, UpstreamReport, UpstreamStore } from '../../store/upstream-store.ts';
import type { Metrics } from './definitions.ts';
import type { KeyNames } from './key-names.ts';
import { toSeconds } from './seconds.ts';

export interface StoreGaugesOptions {
  readonly metrics: Metrics;
  readonly backlog: BacklogStore;
  readonly upstreams: Pick<UpstreamStore, 'report'>;
  readonly budgets: Pick<BudgetStore, 'list'>;
  readonly organizations: Pick<OrganizationStore, 'list'>;
  readonly pool: Omit<PoolQuery, 'now'>;
  readonly keyNames: Pick<KeyNames, 'nameOf'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Reads what the store knows about the whole service into the gauges. Every process on the store reads the same. */
export async function measureStore(options: StoreGaugesOptions): Promise<void> {
  await measureBacklog(options);
  await nextTurn();
  await measureUpstreams(options);
  await nextTurn();
  await measureBudgets(options);
  await nextTurn();
  await measureMedia(options);
}

async function measureBacklog({ metrics, backlog, clock }: StoreGaugesOptions): Promise<void> {
  const { lanes, failed, webhookDueAt } = await backlog.read();
  const now = clock.now();
  metrics.queueDepth.set(
    lanes.flatMap(({ lane, ready, queued }) => [
      { labels: { ...fromLane(lane), waiting_for: 'turn' }, value: ready },
      { labels: { ...fromLane(lane), waiting_for: 'retry' }, value: queued - ready },
    ]),
  );
  metrics.queueAge.set(
    lanes.map(({ lane, oldestAt }) => ({ labels: fromLane(lane), value: toSeconds(now - oldestAt) })),
  );
  metrics.failedAge.set(failed.map(({ code, endedAt }) => ({ labels: { code }, value: toSeconds(now - endedAt) })));
  metrics.webhookBacklog.set([{ labels: {}, value: toSeconds(webhookDueAt === undefined ? 0 : now - webhookDueAt) }]);
}

async function measureUpstreams({ metrics, upstreams, pool, clock }: StoreGaugesOptions): Promise<void> {
  const now = clock.now();
  const reports = await upstreams.report({ ...pool, now });
  const at = ({ upstream, model }: UpstreamReport) => ({ upstream, model });
  metrics.upstreamState.set(reports.map((report) => ({ labels: at(report), value: toState(report) })));
  metrics.upstreamRest.set(reports.map((report) => ({ labels: at(report), value: toRest(report, now) })));
  metrics.callsInFlight.set(reports.map((report) => ({ labels: at(report), value: report.load.underWay })));
  metrics.limitUsed.set(reports.flatMap((report) => toUsedLimits(report, pool.upstreams)));
}

function toState({ room }: UpstreamReport): number {
  return room.kind === 'open' ? 0 : { limit: 1, upstream: 2, operator: 3 }[room.reason];
}

function toRest({ room }: UpstreamReport, now: number): number {
  return room.kind === 'closed' && room.until !== undefined ? toSeconds(room.until - now) : 0;
}

function toUsedLimits({ upstream, model, load, state }: UpstreamReport, pool: readonly Upstream[]) {
  const limits = pool.find(({ name }) => name === upstream)?.limits ?? {};
  const used = [
    ['requests_per_minute', load.lastMinute, limits.requestsPerMinute],
    ['images_per_minute', load.lastMinuteImages, limits.imagesPerMinute],
    ['requests_per_day', state.dayCalls ?? 0, limits.requestsPerDay],
    ['dollars_per_ten_minutes', load.lastTenMinutesMicros, limits.microsPerTenMinutes],
  ] as const;
  return used.flatMap(([limit, amount, most]) =>
    most === undefined ? [] : [{ labels: { upstream, model, limit }, value: amount / most }],
  );
}

async function measureBudgets({ metrics, budgets, keyNames, clock }: StoreGaugesOptions): Promise<void> {
  const rows = await budgets.list({ now: clock.now() });
  const measured = rows.map(async ({ scope, id, period, usedMicros, limitMicros }) => ({
    labels: { scope, name: scope === 'key' ? await keyNames.nameOf(id) : id, period },
    value: limitMicros === 0 ? 1 : usedMicros / limitMicros,
  }));
  metrics.budgetUsed.set(await Promise.all(measured));
}

async function measureMedia({ metrics, organizations }: StoreGaugesOptions): Promise<void> {
  const stored = await organizations.list();
  metrics.mediaBytes.set(stored.map(({ id, storedBytes }) => ({ labels: { organization: id }, value: storedBytes })));
}
