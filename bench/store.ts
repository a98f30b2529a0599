import path from 'node:path';
import type { Claim, NewRequest, RequestStore } from '../packages/server/src/store/request-store.ts';
import { openSqliteStore } from '../packages/server/src/store/sqlite/open-sqlite-store.ts';
import type { BenchOptions } from './options.ts';
import { panda } from './panda.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median } from './statistics.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** So many writes share one commit, hence one flush. */
const group = 64;
const groups = 15;
const finds = 2_000;
const organizations = 10;

/** The store's methods alone, in this process, at queues of growing length. */
export async function measureStore({ folder, rows }: BenchOptions): Promise<Section> {
  await using place = await createTemporaryFolder(folder);
  const store = openSqliteStore({ file: path.join(place.path, 'darkroom.db') });
  try {
    const figures: Figure[] = [];
    let queued = 0;
    for (const length of [0, Math.round(rows / 10), rows]) {
      await fill(store.requests, queued, length);
      queued = length;
      figures.push(...(await measureAt(store.requests, length)));
    }
    return {
      title: 'The store',
      setup: `SQLite in this process, ${organizations} organizations; writes in groups of ${group}, which share one commit and its flush; medians of ${groups} groups`,
      figures,
    };
  } finally {
    await store.close();
  }
}

/** The queue is as long afterwards as it was before. */
async function measureAt(store: RequestStore, length: number): Promise<readonly Figure[]> {
  const times: { readonly claim: number; readonly begin: number; readonly settle: number }[] = [];
  const ids: string[] = [];
  for (let index = 0; index < groups; index += 1) {
    await submitGroup(store, length, index);
    const claims: Claim[] = [];
    const claim = await timeEach(() => claimOne(store).then((one) => void claims.push(one)));
    const left = [...claims];
    const begin = await timeEach(() => beginOne(store, left.pop()));
    ids.push(...claims.map(({ request }) => request.id));
    const settle = await timeEach(() => settleOne(store, claims.pop()));
    times.push({ claim, begin, settle });
  }
  const find = await timeFinds(store, ids);
  const single = await timeSingleClaim(store, length);
  const at = `at ${length.toLocaleString('en-US')} queued`;
  return [
    {
      name: `claim ${at}`,
      value: median(times.map((time) => time.claim)),
      unit: 'µs',
      detail: `alone, with a flush of its own: ${formatNumber(single / 1_000)} ms`,
    },
    { name: `begin a call ${at}`, value: median(times.map((time) => time.begin)), unit: 'µs' },
    { name: `settle ${at}`, value: median(times.map((time) => time.settle)), unit: 'µs' },
    { name: `find ${at}`, value: find, unit: 'µs', detail: 'a request that has ended' },
  ];
}
