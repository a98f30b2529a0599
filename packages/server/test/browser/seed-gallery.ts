import path from 'node:path';
import type { SucceededRequest } from '@darkroom/client';
import type { MediaRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import type { SuccessOutcome } from '../../src/core/image-request.ts';
import type { StoredPicture } from '../../src/core/stored-picture.ts';
import { createRequestId } from '../../src/platform/ids.ts';
import type { NewRequest, RequestStore } from '../../src/store/request-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { TestServer } from '../start-server.ts';

const claimed = 500;

/** How many more finished requests to add, all with the picture of one that was really made. */
export async function seedGallery({ admin, client, dataDir }: TestServer, count: number): Promise<void> {
  const made = await client.generate('a kite over the sea');
  // Nothing else claims the requests that are written now.
  await admin.pause({ kind: 'upstream', name: 'sandbox' });
  const store = openSqliteStore({ file: path.join(dataDir, 'darkroom.db') });
  try {
    await submitMany(store.requests, made, count);
    for (let done = 0; done < count; ) done += await finishSome(store.requests, made);
  } finally {
    await store.close();
    await admin.resume({ kind: 'upstream', name: 'sandbox' });
  }
}

async function submitMany(store: RequestStore, made: SucceededRequest, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, number) => store.submit(toNewRequest(made, number))));
}

function toNewRequest({ org_id, user_id, model }: SucceededRequest, number: number): NewRequest {
  const now = Date.now();
  return {
    id: createRequestId(),
    organizationId: org_id,
    apiKeyId: user_id,
    model,
    payload: JSON.stringify({ prompt: `a kite, number ${number}` }),
    inline: [],
    order: { parameters: { imageSize: '1K', aspectRatio: '1:1' }, format: 'png', images: 1, conversation: [] },
    priority: 0,
    estimatedCostMicros: 134_000,
    createdAt: now,
    deadlineAt: now + 3_600_000,
    wire: 'queue',
    maxQueued: 1_000_000,
  };
}

/** Claims some requests and settles them; returns how many. */
async function finishSome(store: RequestStore, { model, outcome, media = [] }: SucceededRequest): Promise<number> {
  const now = Date.now();
  const { claims } = await store.claim({
    worker: 'seed',
    limit: claimed,
    upstreams: [{ name: 'seed', limits: { concurrency: claimed } }],
    models: new Map([[model, model]]),
    now,
    leaseMs: 600_000,
  });
  const verdict = { kind: 'succeed', outcome: toOutcome(outcome, media) } as const;
  const end = { imageIndex: 0, endedAt: now, result: 'succeeded', costMicros: 0, isPossiblyBilled: false } as const;
  await Promise.all(
    claims.map(async ({ lease }) => {
      await store.beginCalls(lease, { imageIndexes: [0], now });
      await store.settle({ lease, ends: [end], verdict, now });
    }),
  );
  return claims.length;
}

function toOutcome(outcome: SuccessOutcomeRecord, [media]: readonly MediaRecord[]): SuccessOutcome {
  const [url] = outcome.media_urls;
  if (!url || !media) throw new Error('The first request has no picture.');
  const { bytes, sha256, width, height } = media;
  const picture: StoredPicture = {
    name: path.basename(new URL(url.url).pathname),
    format: 'png',
    bytes,
    sha256,
    width,
    height,
  };
  return { kind: 'success', pictures: [picture], conversation: [] };
}
