import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { openStore, type StoreConfig } from '../../src/compose/store.ts';
import { createLogger } from '../../src/platform/logger.ts';
import type { Store } from '../../src/store/store.ts';
import type { ChaosVendors } from './chaos-vendors.ts';
import type { Fleet } from './fleet.ts';
import type { HardTimes } from './hard-times.ts';
import type { PlanTimes } from './plan.ts';

/** What the servers of a run share and use: their places, the store and the storage. */
export interface Ground {
  readonly servers: readonly ServerPlace[];
  readonly store: StoreConfig;
  readonly hardTimes: HardTimes;
  /** The troubles that only this ground can have. */
  planTroubles(plan: PlanTimes): readonly GroundTrouble[];
  /** The keys of all objects of the storage. */
  listObjects(): Promise<readonly string[]>;
  /** The remains of unfinished objects, by name. */
  listDrafts(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface ServerPlace {
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly dataDir: string;
  /** Does it answer customers? */
  readonly isApi: boolean;
}

/** Causes a trouble, and resolves when it is over. */
export interface GroundTrouble {
  readonly atMs: number;
  bring(fleet: Fleet): Promise<void>;
}

export interface GroundOptions {
  /** The folder of the run. */
  readonly folder: string;
  readonly vendors: ChaosVendors;
}

export type CreateGround = (options: GroundOptions) => Promise<Ground>;

export async function withStore<T>({ store: place }: Ground, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(place, createLogger('silent'));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** What the spools of all servers contain. */
export async function listSpools({ servers }: Ground): Promise<readonly string[]> {
  const spools = new Set(servers.map(({ dataDir }) => path.join(dataDir, 'spool')));
  const lists = [...spools].map(async (spool) => (await readdir(spool)).map((name) => path.join(spool, name)));
  return (await Promise.all(lists)).flat();
}
