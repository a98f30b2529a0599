import { setTimeout as pause } from 'node:timers/promises';
import { every } from '../../src/core/upstreams.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { ChaosUpstream } from './chaos-upstream.ts';
import type { Fleet } from './fleet.ts';
import type { Trouble } from './plan.ts';
import { adminPath, callWire } from './wire.ts';

export interface StormOptions {
  readonly fleet: Fleet;
  readonly upstream: ChaosUpstream;
  readonly databaseFile: string;
  readonly adminKey: string;
  /** Names of the upstreams; the first is the one that an operator pauses. */
  readonly upstreams: readonly [string, ...string[]];
  /** The upstream's ids. */
  readonly models: readonly string[];
}

/** Lets every trouble come at its time, and resolves when the last one is over. */
export async function letItStorm(troubles: readonly Trouble[], options: StormOptions): Promise<void> {
  const begin = Date.now();
  await Promise.all(
    troubles.map(async (trouble) => {
      await pause(Math.max(0, begin + trouble.atMs - Date.now()));
      await bring(trouble, options);
    }),
  );
}

/**
 * Time passes faster than outside: `stepMs` more every quarter of a second. A step must be shorter than a lease is kept
 * ahead of its end. Resolves when `signal` aborts.
 */
export async function hurryTime(
  fleet: Fleet,
  { stepMs, signal }: { readonly stepMs: number; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await pause(250);
    fleet.set({ aheadMs: fleet.aheadMs + stepMs });
  }
}

async function bring(trouble: Trouble, options: StormOptions): Promise<void> {
  const { fleet, upstream, upstreams } = options;
  switch (trouble.kind) {
    case 'kill':
      await fleet.stop(trouble.server, trouble.signal);
      await pause(trouble.downMs);
      return fleet.start(trouble.server);
    case 'jump':
      return fleet.set({ aheadMs: fleet.aheadMs + trouble.byMs });
    case 'storage':
      fleet.set({ storage: trouble.state });
      await pause(trouble.forMs);
      return fleet.set({ storage: 'well' });
    case 'database-full':
      fleet.set({ isDatabaseFull: true });
      await pause(trouble.forMs);
      return fleet.set({ isDatabaseFull: false });
    case 'wave':
      upstream.isWave = true;
      await pause(trouble.forMs);
      upstream.isWave = false;
      return;
    case 'line':
      await upstream.cutLine();
      await pause(trouble.forMs);
      return upstream.mendLine();
    case 'hold':
      await askOperator(options, `/upstreams/${upstreams[0]}/pause`);
      await pause(trouble.forMs);
      return askOperator(options, `/upstreams/${upstreams[0]}/resume`);
    case 'release':
      return releaseUpstreams(options);
    case 'requeue':
      return askOperator(options, '/requeue', { all: true });
  }
}

/** Forgets every pause of every upstream, as an operator may who knows better. */
export async function releaseUpstreams({ databaseFile, upstreams, models }: StormOptions): Promise<void> {
  const store = openSqliteStore({ file: databaseFile });
  try {
    for (const upstream of [...upstreams, every]) {
      for (const model of [...models, every]) await store.upstreams.release({ upstream, model });
    }
  } finally {
    await store.close();
  }
}

/** Once: a server that dies meanwhile is one more way in which an operator's word may be lost. */
async function askOperator({ fleet, adminKey }: StormOptions, path: string, body: object = {}): Promise<void> {
  const [url] = fleet.urls;
  if (url === undefined) return;
  await callWire({ url, key: adminKey, method: 'POST', path: `${adminPath}${path}`, body }).catch(() => undefined);
}
