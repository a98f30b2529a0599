import os from 'node:os';
import type { Parts } from '../compose.ts';
import type { Config } from '../config/load-config.ts';
import { ConversationTurns } from '../media/conversation/conversation-turns.ts';
import { createReferenceFetcher } from '../media/references/reference-fetcher.ts';
import { systemChance } from '../platform/chance.ts';
import { toService } from '../platform/services.ts';
import { createUploadSweeper } from '../upkeep/upload-sweeper.ts';
import { createWorker } from '../worker/worker.ts';
import type { Ground } from './ground.ts';
import { composeUpstreams } from './upstreams.ts';

/** Who makes the pictures: the worker, and what must run before it. */
export function composeWorker(config: Config, ground: Ground, { illustrate }: Parts) {
  const { store, requests } = ground;
  const fetcher = createReferenceFetcher({ ...config, ...ground, clock: ground.machine, chance: systemChance });
  const { pool, services } = composeUpstreams(config, { ...ground, ...(illustrate && { illustrate }) });
  const worker = createWorker({
    ...config,
    ...ground,
    store: requests,
    pool,
    turns: new ConversationTurns({ ...ground, store: requests, uploads: store.uploads, fetcher }),
    name: `${os.hostname()}-${process.pid}`,
    chance: systemChance,
  });
  const uploadSweeper = createUploadSweeper({ ...ground, uploads: store.uploads });
  return { worker, services: [...services, toService(() => fetcher.close()), uploadSweeper, worker] };
}
