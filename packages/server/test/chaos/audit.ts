import { budgetPeriods, budgetScopes, toWindow, type UsageRow } from '../../src/core/budgets.ts';
import type { Attempt, ImageRequest } from '../../src/core/image-request.ts';
import type { RequestMoment } from '../../src/core/request-events.ts';
import type { Store } from '../../src/store/store.ts';
import type { Findings } from './findings.ts';

/** A request and its whole attempt log, as the store has them when everything has stopped. */
export interface AuditedRequest {
  readonly request: ImageRequest;
  readonly attempts: readonly Attempt[];
  /** Its moments, in the order in which they were written. The clocks jump, so their times do not show the order. */
  readonly moments: readonly RequestMoment[];
}

const finalStatuses: ReadonlySet<string> = new Set(['success', 'failed', 'cancelled']);

export async function readAll(store: Store, organizationIds: readonly string[]): Promise<readonly AuditedRequest[]> {
  const audited: AuditedRequest[] = [];
  for (const organizationId of organizationIds) {
    for (let cursor: string | undefined, hasMore = true; hasMore; ) {
      const page = await store.requests.list({ organizationId, limit: 100, ...(cursor !== undefined && { cursor }) });
      for (const request of page.requests) {
        const events = await store.events.ofRequest(organizationId, request.id, { after: 0, limit: 10_000 });
        audited.push({
          request,
          attempts: await store.requests.attempts(organizationId, request.id),
          moments: events.map(({ moment }) => moment),
        });
      }
      cursor = page.nextCursor;
      hasMore = cursor !== undefined;
    }
  }
  return audited;
}

export function auditEnds(all: readonly AuditedRequest[]): Findings {
  return {
    'every-id-ended': all
      .filter(({ request }) => !finalStatuses.has(request.status))
      .map(({ request }) => `${request.id} is ${request.status}, available at ${request.availableAt}`),
    'nothing-under-way': all.flatMap(({ attempts }) =>
      attempts.filter(({ result }) => result === undefined).map((line) => `${toText(line)} is under way`),
    ),
  };
}

/** A call for an image that an earlier call has brought is right only if the earlier answer was not yet known. */
export function auditRepeats(all: readonly AuditedRequest[]): Findings {
  return {
    'never-paid-twice': all.flatMap(({ request, moments }) => {
      const there = new Set<number>();
      return moments.flatMap((moment) => {
        if (moment.kind === 'answered' && moment.result === 'succeeded') there.add(moment.image);
        if (moment.kind !== 'sent' || !there.has(moment.image)) return [];
        return [`${request.id}: call ${moment.attempt}/${moment.image} was sent after the picture had come`];
      });
    }),
  };
}

export interface CountedPrompt {
  readonly prompt: string;
  readonly calls: number;
}

/** Compares the attempt log with the calls that the sandbox counted for each request's unique prompt. */
export function auditCalls(all: readonly AuditedRequest[], counted: readonly CountedPrompt[]): Findings {
  const linesOf = Map.groupBy(
    all.flatMap(({ request, attempts }) => attempts.map((line) => ({ prompt: toPrompt(request), line }))),
    ({ prompt }) => prompt,
  );
  const compared = counted.map(({ prompt, calls }) => {
    const lines = (linesOf.get(prompt) ?? []).map(({ line }) => line);
    return { prompt, calls, sent: lines.filter(mayHaveArrived).length, answered: lines.filter(isAnswered).length };
  });
  return {
    'calls-in-the-log': compared
      .filter(({ calls, sent }) => calls > sent)
      .map(({ prompt, calls, sent }) => `${calls} calls and only ${sent} sent lines: ${prompt}`),
    'log-in-the-calls': compared
      .filter(({ calls, answered }) => calls < answered)
      .map(({ prompt, calls, answered }) => `${answered} answered lines and only ${calls} calls: ${prompt}`),
  };
}

function mayHaveArrived({ sentAt, failure }: Attempt): boolean {
  return sentAt !== undefined && failure?.code !== 'upstream_unreachable';
}

/** The upstream has answered, so the call has arrived; the other calls may have been lost on the way. */
function isAnswered({ sentAt, result, failure }: Attempt): boolean {
  return sentAt !== undefined && (result === 'succeeded' || failure?.upstreamStatus !== undefined);
}

export async function auditMoney(
  all: readonly AuditedRequest[],
  {
    store,
    organizationIds,
    now,
  }: { readonly store: Store; readonly organizationIds: readonly string[]; readonly now: number },
): Promise<Findings> {
  const usage: string[] = [];
  for (const organizationId of organizationIds) {
    const rows = await store.budgets.usage({ organizationId, from: '2000-01-01', to: '2999-12-31' });
    usage.push(...compareUsage(organizationId, rows, all));
  }
  return {
    'costs-add-up': all
      .map(({ request, attempts }) => ({ request, calls: sum(attempts.map(({ costMicros }) => costMicros)) }))
      .filter(({ request, calls }) => request.costMicros !== calls)
      .map(({ request, calls }) => `${request.id} has cost ${request.costMicros} and its calls ${calls}`),
    'usage-adds-up': usage,
    'budgets-add-up': await auditBudgets(all, store, now),
  };
}

function compareUsage(
  organizationId: string,
  rows: readonly UsageRow[],
  all: readonly AuditedRequest[],
): readonly string[] {
  const own = all.filter(({ request }) => request.organizationId === organizationId);
  const count = (status: string) => own.filter(({ request }) => request.status === status).length;
  const expected = {
    costMicros: sum(own.map(({ request }) => request.costMicros)),
    success: count('success'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    pictures: own.flatMap(({ attempts }) => attempts.flatMap(toPictures)).length,
  };
  return Object.entries(expected).flatMap(([name, value]) => {
    const used = sum(rows.map((row) => row[name as keyof typeof expected])); // the keys of the object above
    return used === value ? [] : `${organizationId}: ${name} is ${used} in the usage and ${value} in the requests`;
  });
}

async function auditBudgets(all: readonly AuditedRequest[], store: Store, now: number): Promise<readonly string[]> {
  const budgets = await store.budgets.list({ now });
  const kinds = new Set(budgets.map(({ scope, period }) => `${scope} ${period}`));
  const missing = budgetScopes.flatMap((scope) =>
    budgetPeriods.map((period) => `${scope} ${period}`).filter((kind) => !kinds.has(kind)),
  );
  const wrong = budgets.flatMap(({ scope, id, period, usedMicros }) => {
    const costs = all
      .map(({ request }) => request)
      .filter((request) => (scope === 'key' ? request.apiKeyId : request.organizationId) === id)
      .filter((request) => toWindow(period, request.queuedAt) === toWindow(period, now))
      .map(({ costMicros }) => costMicros);
    const spent = sum(costs);
    return spent === usedMicros ? [] : `${scope} ${id} a ${period}: ${usedMicros} used and ${spent} spent`;
  });
  return [...missing.map((kind) => `there is no budget of a ${kind}`), ...wrong];
}

/** The keys of all objects that rows name. `toPictureKey` returns the key of a public picture. */
export function listNamedKeys(
  all: readonly AuditedRequest[],
  toPictureKey: (name: string) => string,
): ReadonlySet<string> {
  return new Set(
    all.flatMap(({ request, attempts }) => [
      ...request.inline.map(({ name }) => toPictureKey(name)),
      ...attempts
        .flatMap(({ answer }) => answer?.parts ?? [])
        .flatMap((part) => {
          if (part.kind === 'text') return part.signatureKey ?? [];
          const { name, originalKey, signatureKey } = part.picture;
          return [toPictureKey(name), originalKey ?? [], signatureKey ?? []].flat();
        }),
    ]),
  );
}

function toPictures({ answer }: Attempt) {
  return answer?.parts.filter((part) => part.kind === 'picture') ?? [];
}

export function toPrompt({ payload }: ImageRequest): string {
  return (JSON.parse(payload) as { readonly prompt: string }).prompt; // every planned order has one
}

function toText({ requestId, number, imageIndex }: Attempt): string {
  return `call ${requestId}/${number}/${imageIndex}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
