import type { KeptAnswer } from '../packages/server/src/core/image-request.ts';
import type { Order } from '../packages/server/src/core/order.ts';
import type { StoredPicture } from '../packages/server/src/core/stored-picture.ts';
import { createRequestId, createSecret } from '../packages/server/src/platform/ids.ts';
import type {
  Claim,
  ClaimQuery,
  NewRequest,
  RequestStore,
  Settlement,
} from '../packages/server/src/store/request-store.ts';
import { panda } from './panda.ts';

/** The time of everything that the bench writes to the stores. */
export const now = Date.now();

const order: Order = {
  parameters: { imageSize: '1K', aspectRatio: '1:1' },
  format: 'jpeg',
  images: 1,
  conversation: [{ role: 'user', parts: [{ kind: 'text', text: panda.payload.prompt }] }],
};

/** The request for the panda as a JPEG, in the form that the API passes to the store. */
export function toNewRequest(organizationId: string, at = now): NewRequest {
  return {
    id: createRequestId(),
    organizationId,
    apiKeyId: 'bench',
    model: panda.model,
    payload: JSON.stringify({ ...panda.payload, image_output_format: 'jpeg' }),
    inline: [],
    order,
    priority: 0,
    estimatedCostMicros: 134_000,
    createdAt: at,
    deadlineAt: at + 86_400_000,
    wire: 'queue',
    maxQueued: 10_000_000,
  };
}

/** All calls of the bench are sent within one minute. The limits hold nothing back, but their windows are read. */
const upstreams = [
  {
    name: 'bench',
    limits: { concurrency: 1_000, requestsPerMinute: 100_000, requestsPerDay: 1_000_000 },
  },
];
const models = new Map([[panda.model, panda.model]]);

export function toClaimQuery(limit: number, at = now): ClaimQuery {
  return { worker: 'bench', limit, upstreams, models, now: at, leaseMs: 600_000 };
}

export async function claimOne(store: RequestStore, at = now): Promise<Claim> {
  const { claims } = await store.claim(toClaimQuery(1, at));
  const [claim] = claims;
  if (!claim) throw new Error('There was nothing to claim, although requests are queued.');
  return claim;
}

/** The outcome of a claim whose only call brought a picture. */
export function toSettlement({ lease }: Claim, at = now): Settlement {
  const picture: StoredPicture = {
    name: `${createSecret()}.jpeg`,
    format: 'jpeg',
    bytes: 2_000_000,
    sha256: 'ab'.repeat(32),
    width: 1024,
    height: 1024,
  };
  const answer: KeptAnswer = { parts: [{ kind: 'picture', picture }] };
  const end = { imageIndex: 0, endedAt: at, costMicros: 134_000, isPossiblyBilled: false, answer } as const;
  const outcome = { kind: 'success', pictures: [picture], conversation: order.conversation } as const;
  return { lease, ends: [{ ...end, result: 'succeeded' }], verdict: { kind: 'succeed', outcome }, now: at };
}
