import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/load-config.ts';
import { createEventHub } from '../events/event-hub.ts';
import { type AppOptions, createApp } from '../http/app.ts';
import { createHealthApp } from '../http/health-app.ts';
import type { HealthChecks } from '../http/routes/health.ts';
import { shareChecks } from '../http/share-checks.ts';
import { createSecret } from '../platform/ids.ts';
import type { Service } from '../platform/service.ts';
import type { Ground } from './ground.ts';

interface Api {
  readonly app: FastifyInstance;
  /** Must run while the app listens, and stop before it: an app with open streams would never close. */
  readonly services: readonly Service[];
}

/** Who answers callers. */
export async function composeApi(config: Config, ground: Ground, signIn: AppOptions['signIn']): Promise<Api> {
  const { store, requests } = ground;
  const { keys, upstreams, budgets, events, uploads } = store;
  const hub = createEventHub({ ...ground, events, requests });
  const app = await createApp({
    ...config,
    ...ground,
    store: requests,
    keys,
    signIn,
    upstreams,
    budgets,
    events,
    uploads,
    hub,
    // Without their keys: nobody is called from here.
    pool: config.upstreams.map(({ name, limits }) => ({ name, limits })),
    isSandbox: config.upstreams.every(({ kind }) => kind === 'sandbox'),
    health: toHealth(ground),
    uploadSecret: await keys.ensureSecret('upload', createSecret(256)),
  });
  return { app, services: [hub] };
}

/** A worker answers nobody; its port is for those who watch over it. */
export function composeHealthApi(ground: Ground): Api {
  return { app: createHealthApp(toHealth(ground)), services: [] };
}

/** A check of the storage writes, reads and removes there: several calls of a bucket, which probes by the second must not cost. */
const storageCheckMs = 10_000;

function toHealth({ requests, checkWork, media, clock }: Ground): HealthChecks {
  return {
    store: () => requests.check(),
    work: checkWork,
    media: shareChecks(() => media.check(), { forMs: storageCheckMs, clock }),
  };
}
