import path from 'node:path';
import type { EventStore } from '../packages/server/src/store/event-store.ts';
import type { Claim, RequestStore } from '../packages/server/src/store/request-store.ts';
import { openSqliteStore } from '../packages/server/src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../packages/server/src/store/store.ts';
import { claimOne, now, toNewRequest, toSettlement } from './made-requests.ts';
import type { BenchOptions } from './options.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median } from './statistics.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** This many writes share one commit, and so one flush. */
const groupSize = 64;
const groups = 15;
const finds = 2_000;
const organizations = 10;

/** Measures only the store's methods, in this process, with queues of growing length. */
export async function measureStore({ folder, rows }: BenchOptions): Promise<Section> {
  await using place = await createTemporaryFolder(folder);
  const store = openSqliteStore({ file: path.join(place.path, 'darkroom.db') });
  try {
    const figures: Figure[] = [];
    let queued = 0;
    for (const length of [0, Math.round(rows / 10), rows]) {
      await submitMany(store.requests, length - queued);
      queued = length;
      figures.push(...(await measureAt(store, length)));
    }
    const setup = `SQLite in this process, ${organizations} organizations; ${groupSize} writes share one commit and its flush; medians of ${groups} such groups`;
    return { title: 'The store', setup, figures };
  } finally {
    await store.close();
  }
}

/** Leaves the queue as long as it was. */
async function measureAt({ requests: store, events }: Store, length: number): Promise<readonly Figure[]> {
  const rounds: GroupTimes[] = [];
  for (let index = 0; index < groups; index += 1) rounds.push(await measureGroup(store));
  const ended = rounds.flatMap(({ ids }) => ids);
  const find = await timeEach(finds, (index) => store.find(toOrganization(0), ended[index % ended.length] ?? ''));
  const position = await measurePosition(store, events);
  const alone: number[] = [];
  for (let index = 0; index < groups; index += 1) {
    await submitMany(store, 1);
    alone.push(await timeEach(1, () => claimOne(store)));
  }
  const at = `${length.toLocaleString('en-US')} queued`;
  const toFigure = (name: string, value: number, detail?: string): Figure => {
    return { name: `${name}, ${at}`, value, unit: 'µs', ...(detail !== undefined && { detail }) };
  };
  const of = (name: 'submit' | 'claim' | 'begin' | 'settle') => median(rounds.map((round) => round[name]));
  return [
    toFigure('submit', of('submit')),
    toFigure('claim', of('claim'), `alone, with its own commit: ${formatNumber(median(alone) / 1_000)} ms`),
    toFigure('begin a call', of('begin')),
    toFigure('settle', of('settle')),
    toFigure('find', find),
    toFigure('position of the last', position),
  ];
}

/** The position of the newest request in the longest lane. */
async function measurePosition(store: RequestStore, events: EventStore): Promise<number> {
  const organizationId = toOrganization(0);
  await submitMany(store, 1);
  const { requests } = await store.list({ organizationId, status: 'queued', limit: 1 });
  const id = requests[0]?.id ?? '';
  const position = await timeEach(finds, () => events.position(organizationId, id));
  await claimOne(store);
  return position;
}

interface GroupTimes {
  readonly submit: number;
  readonly claim: number;
  readonly begin: number;
  readonly settle: number;
  readonly ids: readonly string[];
}

/** The life of one group of requests. The claimed requests may be others that are older, but just as many. */
async function measureGroup(store: RequestStore): Promise<GroupTimes> {
  const submit = await timeEach(groupSize, (index) => store.submit(toNewRequest(toOrganization(index))));
  const claims: Claim[] = [];
  const claim = await timeEach(groupSize, async () => void claims.push(await claimOne(store)));
  const each = (work: (claim: Claim) => Promise<boolean>) =>
    timeEach(claims.length, async (index) => {
      const one = claims[index];
      if (!one || !(await work(one))) throw new Error('A lease was lost within a moment.');
    });
  const begin = await each(({ lease }) => store.beginCalls(lease, { imageIndexes: [0], now }));
  const settle = await each((one) => store.settle(toSettlement(one)));
  return { submit, claim, begin, settle, ids: claims.map(({ request }) => request.id) };
}

/** Begins all in one turn of the event loop. Returns the microseconds of each. */
async function timeEach(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  return ((performance.now() - start) * 1_000) / count;
}

async function submitMany(store: RequestStore, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1_000) {
    await timeEach(Math.min(left, 1_000), (index) => store.submit(toNewRequest(toOrganization(index))));
  }
}

function toOrganization(index: number): string {
  return `organization-${index % organizations}`;
}
