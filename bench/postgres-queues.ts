import { createLogger } from '../packages/server/src/platform/logger.ts';
import { openPostgresStore } from '../packages/server/src/store/postgres/open-postgres-store.ts';
import type { Claim } from '../packages/server/src/store/request-store.ts';
import type { Store } from '../packages/server/src/store/store.ts';
import { claimOne, now, toClaimQuery, toNewRequest, toSettlement } from './made-requests.ts';
import type { BenchOptions } from './options.ts';
import { fillQueue } from './postgres-rows.ts';
import { type PostgresServer, postgresSetup, startPostgres } from './postgres-server.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median, percentile } from './statistics.ts';

/** This many requests are submitted together, claimed by one claim, and settled together. */
export const groupSize = 64;
const groups = 41;
const warmUps = 10;

const organizations = Array.from({ length: 1_000 }, (_, index) => `organization-${index}`);

/** Measures only the store's methods, in this process, with queues of growing length. */
export async function measurePostgresQueues({ folder, queued }: BenchOptions): Promise<Section> {
  await using postgres = await startPostgres(folder);
  await using owned = new AsyncDisposableStack();
  const queues: Queue[] = [];
  for (const length of [0, Math.round(queued / 10), queued]) {
    queues.push(owned.use(await openQueue(postgres, length)));
  }
  await measureGroups(queues);
  return {
    title: 'Queues, PostgreSQL',
    setup: `${postgresSetup}; ${organizations.length} organizations; ${groupSize} requests are submitted together, claimed by one claim, and settled together; queues of all lengths take turns; medians of ${groups} rounds`,
    figures: [...queues.flatMap(toFigures), ...toFlatness(queues)],
  };
}

/** A database with a queue, and the milliseconds that each round took in it. */
interface Queue extends AsyncDisposable {
  readonly length: number;
  readonly store: Store;
  readonly rounds: Round[];
}

async function openQueue(postgres: PostgresServer, length: number): Promise<Queue> {
  const url = await postgres.createDatabase(`queued_${length}`);
  if (length > 0) await fillQueue(url, { count: length, organizations });
  const store = await openPostgresStore({ url, logger: createLogger('silent') });
  return { length, store, rounds: [], [Symbol.asyncDispose]: () => store.close() };
}

export interface Round {
  readonly submit: number;
  readonly claim: number;
  readonly begin: number;
  readonly settle: number;
  /** A claim of one request. */
  readonly alone: number;
}

async function measureGroups(queues: readonly Queue[]): Promise<void> {
  for (let round = 0; round < warmUps + groups; round += 1) {
    for (const { store, rounds } of queues) {
      // A second later, so that the number of calls in the last minute stays about the same.
      const measured = await measureGroup(store, { at: now + round * 1_000, first: round * groupSize });
      if (round >= warmUps) rounds.push(measured);
    }
  }
}

/** The life of one group of requests. The claimed requests may be others that are older, but just as many. */
export async function measureGroup(
  { requests: store }: Store,
  { at, first }: { readonly at: number; readonly first: number },
): Promise<Round> {
  const submit = await time(() =>
    Promise.all(
      Array.from({ length: groupSize }, (_, index) => {
        return store.submit(toNewRequest(organizations[(first + index) % organizations.length] ?? '', at));
      }),
    ),
  );
  let alone: Claim | undefined;
  const one = await time(async () => {
    alone = await claimOne(store, at);
  });
  let claims: readonly Claim[] = [];
  const claim = await time(async () => {
    claims = (await store.claim(toClaimQuery(groupSize - 1, at))).claims;
  });
  const all = alone ? [alone, ...claims] : claims;
  if (all.length < groupSize) throw new Error(`${groupSize} requests were queued, and ${all.length} were claimed.`);
  const each = (work: (claim: Claim) => Promise<boolean>) =>
    time(async () => {
      const isHeld = await Promise.all(all.map(work));
      if (isHeld.includes(false)) throw new Error('A lease was lost within a moment.');
    });
  const begin = await each(({ lease }) => store.beginCalls(lease, { imageIndexes: [0], now: at }));
  const settle = await each((held) => store.settle(toSettlement(held, at)));
  return { submit, claim, begin, settle, alone: one };
}

/** In milliseconds. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const medianOf = ({ rounds }: Queue, name: keyof Round) => median(rounds.map((round) => round[name]));

function toFigures(queue: Queue): readonly Figure[] {
  const at = `${queue.length.toLocaleString('en-US')} queued`;
  const toFigure = (what: string, name: Exclude<keyof Round, 'alone'>, count = groupSize): Figure => {
    const ms = medianOf(queue, name);
    const p95 = percentile(
      queue.rounds.map((round) => round[name]),
      95,
    );
    const detail = `${count} in ${formatNumber(ms)} ms; p95 ${formatNumber(p95)} ms`;
    return { name: `${what}, ${at}`, value: (count * 1_000) / ms, unit: 'a second', detail };
  };
  return [
    toFigure('submits', 'submit'),
    toFigure('claims', 'claim', groupSize - 1),
    { name: `a claim alone, ${at}`, value: medianOf(queue, 'alone'), unit: 'ms' },
    toFigure('begun calls', 'begin'),
    toFigure('settlements', 'settle'),
  ];
}

/** The slowest queue length relative to the fastest, by their medians. */
function toFlatness(queues: readonly Queue[]): readonly Figure[] {
  const toFigure = (what: string, name: keyof Round): Figure => {
    const times = queues.map((queue) => medianOf(queue, name));
    const value = Math.max(...times) / Math.min(...times);
    return { name: `${what}: slowest length to fastest`, value, unit: 'ratio', aim: { atMost: 1.5 } };
  };
  return [toFigure('claims', 'claim'), toFigure('a claim alone', 'alone')];
}
