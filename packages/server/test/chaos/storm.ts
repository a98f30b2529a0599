import { setTimeout as pause } from 'node:timers/promises';
import { every } from '../../src/core/upstreams.ts';
import type { ChaosVendors } from './chaos-vendors.ts';
import type { Fleet } from './fleet.ts';
import { type Ground, type GroundTrouble, withStore } from './ground.ts';
import { toLanes, upstreamNames, upstreams } from './models.ts';
import type { Trouble } from './plan.ts';
import { adminPath, callWire } from './wire.ts';

export interface StormOptions {
  readonly fleet: Fleet;
  readonly vendors: ChaosVendors;
  readonly ground: Ground;
  readonly adminKey: string;
}

/** Starts every trouble at its time, and resolves when the last one is over. */
export async function letItStorm(
  { troubles, ofGround }: { readonly troubles: readonly Trouble[]; readonly ofGround: readonly GroundTrouble[] },
  options: StormOptions,
): Promise<void> {
  const begin = Date.now();
  const at = async <T extends { readonly atMs: number }>(trouble: T, bringIt: (trouble: T) => Promise<void>) => {
    await pause(Math.max(0, begin + trouble.atMs - Date.now()));
    await bringIt(trouble);
  };
  await Promise.all([
    ...troubles.map((trouble) => at(trouble, () => bring(trouble, options))),
    ...ofGround.map((trouble) => at(trouble, () => trouble.bring(options.fleet))),
  ]);
}

/**
 * Makes time pass faster than outside: `stepMs` more every quarter of a second. A step must be shorter than the time by
 * which a lease is renewed before its end. Resolves when `signal` aborts.
 */
export async function hurryTime(
  fleet: Fleet,
  { stepMs, signal }: { readonly stepMs: number; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const begin = Date.now();
    await pause(250);
    // A machine that is late with this is also late with leases, and they must not run out because of that.
    if (Date.now() - begin < 300) fleet.pass(stepMs);
  }
}

async function bring(trouble: Trouble, options: StormOptions): Promise<void> {
  const { fleet, vendors } = options;
  switch (trouble.kind) {
    case 'kill':
      await fleet.stop(trouble.server, trouble.signal);
      await pause(trouble.downMs);
      return fleet.start(trouble.server);
    case 'jump':
      return fleet.pass(trouble.byMs);
    case 'step':
      return fleet.step(trouble.byMs);
    case 'wave':
      vendors[trouble.vendor].isWave = true;
      await pause(trouble.forMs);
      vendors[trouble.vendor].isWave = false;
      return;
    case 'line':
      await vendors[trouble.vendor].cutLine();
      await pause(trouble.forMs);
      return vendors[trouble.vendor].mendLine();
    case 'hold':
      await askOperator(options, `/upstreams/${trouble.upstream}/pause`);
      await pause(trouble.forMs);
      return askOperator(options, `/upstreams/${trouble.upstream}/resume`);
    case 'release':
      // A database that becomes unreachable meanwhile may also lose an operator's call.
      return releaseUpstreams(options).catch(() => undefined);
    case 'requeue':
      return askOperator(options, '/requeue', { all: true });
  }
}

/** Clears every pause of every upstream, as an operator may. */
export function releaseUpstreams({ ground }: Pick<StormOptions, 'ground'>): Promise<void> {
  return withStore(ground, async (store) => {
    for (const upstream of upstreamNames) {
      for (const model of [...toLanes(upstreams[upstream]), every]) await store.upstreams.release({ upstream, model });
    }
  });
}

/** Called once: a server that dies meanwhile may lose an operator's call. */
async function askOperator({ fleet, adminKey }: StormOptions, path: string, body: object = {}): Promise<void> {
  const [url] = fleet.urls;
  if (url === undefined) return;
  await callWire({ url, key: adminKey, method: 'POST', path: `${adminPath}${path}`, body }).catch(() => undefined);
}
