import os from 'node:os';
import type { Config } from '../config/load-config.ts';
import { ConversationTurns } from '../media/conversation/conversation-turns.ts';
import { createReferenceFetcher, type FetchOptions } from '../media/references/reference-fetcher.ts';
import { systemChance } from '../platform/chance.ts';
import { toService } from '../platform/services.ts';
import { observeFetch } from '../telemetry/observe-calls.ts';
import { createPruner, type KeptTimes } from '../upkeep/pruner.ts';
import { createSessionSweeper } from '../upkeep/session-sweeper.ts';
import { createUploadSweeper } from '../upkeep/upload-sweeper.ts';
import { createWorker } from '../worker/worker.ts';
import type { Ground } from './ground.ts';
import { composeModeration } from './moderation.ts';
import type { Parts } from './parts.ts';
import { composeUpstreams } from './upstreams.ts';

/** The worker, which makes the pictures, and what must run before it. */
export async function composeWorker(config: Config, ground: Ground, { illustrate }: Parts) {
  const { requests: store, media, models, notifier, headroom, spoolFolder, publicUrl, clock, machine, logger } = ground;
  const { uploads, openCalls, removals } = ground.store;
  const { batchJobs } = ground;
  const { allowPrivateHosts, proxyReferences, concurrency, drainMs, lostAnswerRetries } = config;
  const { observer } = ground.telemetry;
  const { proxies } = ground;
  const fetcher = createReferenceFetcher({
    allowPrivateHosts,
    clock: machine,
    chance: systemChance,
    ...(proxyReferences && { proxies }),
  });
  const observed = {
    fetch: observeFetch((url: string, options: FetchOptions) => fetcher.fetch(url, options), observer),
  };
  const { pool, services } = await composeUpstreams(config, {
    models,
    spoolFolder,
    proxies,
    observer,
    clock,
    logger,
    ...(illustrate && { illustrate }),
  });
  const moderation = await composeModeration(config, ground);
  const closing = [toService(() => fetcher.close()), ...(moderation ? [toService(() => moderation.close())] : [])];
  const worker = createWorker({
    store,
    openCalls,
    batchJobs,
    media,
    pool,
    models,
    turns: new ConversationTurns({ store, uploads, removals, media, fetcher: observed, publicUrl }),
    moderation,
    notifier,
    headroom,
    name: `${os.hostname()}-${process.pid}`,
    spoolFolder,
    concurrency,
    drainMs,
    gathering: config.gathering,
    lostAnswerRetries,
    clock,
    chance: systemChance,
    logger,
  });
  const uploadSweeper = createUploadSweeper({ uploads, media, clock, logger });
  const { sessions } = ground.store;
  const sessionSweeper = createSessionSweeper({ sessions, keptMs: config.signIn.retainSessionsMs, clock, logger });
  const pruner = createPruner({ removals, media, kept: toKeptTimes(config), clock, logger });
  return { worker, services: [...services, ...closing, uploadSweeper, sessionSweeper, pruner, worker] };
}

function toKeptTimes({ retain, retainPictures, retainWebhooksMs, retainTombstonesMs }: Config): KeptTimes {
  return {
    requests: retain,
    pictures: retainPictures,
    webhooksMs: retainWebhooksMs,
    tombstonesMs: retainTombstonesMs,
  };
}
