import type { CallEnd, FailureOutcome, SuccessOutcome } from '../../core/image-request.ts';
import type { Order } from '../../core/order.ts';
import { createRequestId } from '../../platform/ids.ts';
import type { Claim, NewRequest, RequestStore } from '../request-store.ts';

/** The time at which every test starts. */
export const start = 1_761_763_441_000;
export const leaseMs = 60_000;

export const order: Order = {
  imageSize: '1K',
  aspectRatio: '1:1',
  format: 'png',
  images: 1,
  conversation: [{ role: 'user', parts: [{ kind: 'text', text: 'a lighthouse' }] }],
};

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
    ...changes,
  };
}

export async function submitOne(store: RequestStore, changes: Partial<NewRequest> = {}): Promise<string> {
  return (await store.submit(toNewRequest(changes))).id;
}

export async function claimMany(store: RequestStore, limit: number, now = start): Promise<readonly Claim[]> {
  return (await store.claim({ worker: 'worker-1', limit, now, leaseMs })).claims;
}

export async function claimOne(store: RequestStore, now = start): Promise<Claim> {
  const [claim] = await claimMany(store, 1, now);
  if (!claim) throw new Error('There was nothing to claim.');
  return claim;
}

/** Submits a request, claims it and begins calls for its images. */
export async function beginOne(store: RequestStore, imageIndexes: readonly number[] = [0]): Promise<Claim> {
  await submitOne(store);
  const claim = await claimOne(store);
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
