import type { CallEnd, FailureOutcome, SuccessOutcome } from '../../core/image-request.ts';
import type { Order } from '../../core/order.ts';
import type { Upstream } from '../../core/upstreams.ts';
import { type WebhookDelivery, type WebhookEndpoint, webhookEvents } from '../../core/webhooks.ts';
import { createRequestId } from '../../platform/ids.ts';
import type { Claim, ClaimQuery, NewRequest, RequestStore } from '../request-store.ts';
import type { WorkRow } from '../rows/request-rows.ts';
import type { WebhookStore } from '../webhook-store.ts';

/** The time at which every test starts. */
export const start = 1_761_763_441_000;
export const leaseMs = 60_000;

export const order: Order = {
  parameters: { imageSize: '1K', aspectRatio: '1:1' },
  format: 'png',
  images: 1,
  conversation: [{ role: 'user', parts: [{ kind: 'text', text: 'a lighthouse' }] }],
};

/** An upstream with room for everything that a test does. */
export const upstream: Upstream = { name: 'upstream-1', limits: { concurrency: 10_000 } };

/** The upstream's ids, by public id. */
export const models: ReadonlyMap<string, string> = new Map([
  ['model-1', 'upstream-model-1'],
  ['model-2', 'upstream-model-2'],
  ['model-3', 'upstream-model-3'],
]);

export function toNewRequest(changes: Partial<NewRequest> = {}): NewRequest {
  return {
    id: createRequestId(),
    organizationId: 'org-a',
    apiKeyId: 'key-1',
    model: 'model-1',
    payload: '{"prompt":"a lighthouse, \\u00e9t\\u00e9"}',
    inline: [],
    order,
    priority: 0,
    estimatedCostMicros: 134_000,
    createdAt: start,
    deadlineAt: start + 3_600_000,
    wire: 'queue',
    maxQueued: 1_000_000,
    ...changes,
  };
}

/** Submits a request that must be accepted; returns its id. */
export async function submitOne(store: RequestStore, changes: Partial<NewRequest> = {}): Promise<string> {
  const result = await store.submit(toNewRequest(changes));
  if (result.kind !== 'submitted') throw new Error(`The submit was answered with ${result.kind}.`);
  return result.request.id;
}

export function toClaimQuery(changes: Partial<ClaimQuery> = {}): ClaimQuery {
  return { worker: 'worker-1', limit: 1, upstreams: [upstream], models, now: start, leaseMs, ...changes };
}

/** Claims requests for up to `limit` calls. */
export async function claimMany(store: RequestStore, limit: number, now = start): Promise<readonly Claim[]> {
  return (await store.claim(toClaimQuery({ limit, now }))).claims;
}

/** Claims a request for one call. */
export async function claimOne(store: RequestStore, now = start): Promise<Claim> {
  const [claim] = await claimMany(store, 1, now);
  if (!claim) throw new Error('There was nothing to claim.');
  return claim;
}

/** Submits a request for enough images to include `imageIndexes`, claims it and begins their calls. */
export async function beginOne(store: RequestStore, imageIndexes: readonly number[] = [0]): Promise<Claim> {
  const images = Math.max(...imageIndexes) + 1;
  await submitOne(store, { order: { ...order, images } });
  const [claim] = await claimMany(store, images);
  if (!claim) throw new Error('There was nothing to claim.');
  await store.beginCalls(claim.lease, { imageIndexes, now: start });
  return claim;
}

export const picture = {
  name: 'Zk3bQ.png',
  format: 'png',
  bytes: 1_200_000,
  sha256: 'ab'.repeat(32),
  width: 1024,
  height: 1024,
} as const;

export const successOutcome: SuccessOutcome = {
  kind: 'success',
  pictures: [picture],
  conversation: order.conversation,
  text: 'Here it is.',
};

export const failureOutcome: FailureOutcome = {
  kind: 'failure',
  failure: { code: 'prompt_blocked', message: 'The upstream blocked the prompt.', blockReason: 'SAFETY' },
};

export function toCallEnd(changes: Partial<CallEnd> = {}): CallEnd {
  return {
    imageIndex: 0,
    endedAt: start + 20_000,
    result: 'succeeded',
    costMicros: 134_000,
    isPossiblyBilled: false,
    ...changes,
  };
}

export function toNewEndpoint(changes: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    id: 'endpoint-1',
    organizationId: 'org-a',
    url: 'https://a.example/hook',
    events: webhookEvents,
    createdAt: start,
    secretVersion: 1,
    oldSecretUntil: undefined,
    failures: 0,
    failingSince: undefined,
    pausedAt: undefined,
    pauseReason: undefined,
    ...changes,
  };
}

/** Turns all news into deliveries, and takes none of them. */
export async function spreadAllNews(webhooks: WebhookStore): Promise<void> {
  // At this early time nothing was due.
  while ((await webhooks.claim({ now: 0, limit: 0, leaseMs })).nextAt === 0);
}

/** Takes the deliveries that are due. */
export async function claimDueDeliveries(
  webhooks: WebhookStore,
  { now = start, limit = 100 }: { readonly now?: number; readonly limit?: number } = {},
): Promise<readonly WebhookDelivery[]> {
  return (await webhooks.claim({ now, limit, leaseMs })).deliveries;
}

/** The row of a request that waits for its first claim. */
export function toQueuedRow(changes: Partial<WorkRow> = {}): WorkRow {
  return {
    id: 'request-1',
    organization_id: 'org-a',
    api_key_id: 'key-1',
    model: 'model-1',
    payload: '{}',
    inline: null,
    status: 'queued',
    priority: 0,
    attempt: 0,
    available_at: start,
    retry_code: null,
    lease_token: null,
    outcome: null,
    estimated_cost_micros: 9,
    ordered_cost_micros: null,
    cost_micros: 0,
    created_at: start,
    queued_at: start,
    updated_at: start,
    deadline_at: start + 3_000,
    wire: 'queue',
    allows_stand_in: 1,
    service_tier: null,
    retain_ms: null,
    is_bare: 0,
    traceparent: null,
    work: JSON.stringify(order),
    ...changes,
  };
}
