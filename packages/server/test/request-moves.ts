import type { Attempt, CallEnd, SuccessOutcome, Verdict } from '../src/core/image-request.ts';
import type { StoredPicture } from '../src/core/stored-picture.ts';
import { createPictureName } from '../src/media/picture-name.ts';
import type { Claim } from '../src/store/request-store.ts';
import { type AppHarness, model, pool, upstreamModel } from './app-harness.ts';

/** What workers do to requests, called on the store of a harness. */

export async function claimOne({ store, clock }: AppHarness): Promise<Claim> {
  const { claims } = await store.requests.claim({
    worker: 'worker',
    limit: 1,
    upstreams: pool,
    models: new Map([[model, upstreamModel]]),
    now: clock.now(),
    leaseMs: 60_000,
  });
  const [claim] = claims;
  if (!claim) throw new Error('There was nothing to claim.');
  return claim;
}

/** Claims the next request, makes its calls, and settles it with the result of the first of them. */
export async function work(
  harness: AppHarness,
  { end, verdict }: { readonly end: Partial<CallEnd>; readonly verdict: Verdict },
): Promise<Claim> {
  const { store, clock } = harness;
  const claim = await claimOne(harness);
  await store.requests.beginCalls(claim.lease, { imageIndexes: claim.imageIndexes, now: clock.now() });
  clock.advance(1_500);
  const ended = {
    imageIndex: 0,
    endedAt: clock.now(),
    result: 'failed',
    costMicros: 0,
    isPossiblyBilled: false,
  } as const;
  await store.requests.settle({ lease: claim.lease, ends: [{ ...ended, ...end }], verdict, now: clock.now() });
  return claim;
}

export const blocked = {
  code: 'prompt_blocked',
  message: 'The upstream blocked the prompt.',
  blockReason: 'SAFETY',
  upstreamStatus: 200,
} as const;

/** Makes the next request fail. */
export function fail(harness: AppHarness, failure: NonNullable<Attempt['failure']> = blocked): Promise<Claim> {
  return work(harness, { end: { failure }, verdict: { kind: 'fail', outcome: { kind: 'failure', failure } } });
}

const facts = {
  format: 'png',
  bytes: 1_200_000,
  sha256: 'ab'.repeat(32),
  width: 1024,
  height: 1024,
} as const;

/** Makes the next request succeed at 13.5 cents. */
export async function succeed(harness: AppHarness): Promise<Claim> {
  const picture: StoredPicture = { ...facts, name: createPictureName('image/png') };
  const outcome: SuccessOutcome = {
    kind: 'success',
    pictures: [picture],
    conversation: [{ role: 'user', parts: [{ kind: 'text', text: 'a panda' }] }],
  };
  return work(harness, {
    end: {
      result: 'succeeded',
      costMicros: 135_000,
      answer: { parts: [{ kind: 'picture', picture }] },
      usage: { promptTokens: 5, imageTokens: 1_120, textTokens: 0, thoughtTokens: 12, totalTokens: 1_137 },
      modelVersion: 'gemini-3-pro-image',
      responseId: 'answer-1',
    },
    verdict: { kind: 'succeed', outcome },
  });
}
