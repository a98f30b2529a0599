import path from 'node:path';
import type { KeptAnswer } from '../packages/server/src/core/image-request.ts';
import type { Order } from '../packages/server/src/core/order.ts';
import type { StoredPicture } from '../packages/server/src/core/stored-picture.ts';
import { createRequestId, createSecret } from '../packages/server/src/platform/ids.ts';
import type { EventStore } from '../packages/server/src/store/event-store.ts';
import type { Claim, NewRequest, RequestStore, Settlement } from '../packages/server/src/store/request-store.ts';
import { openSqliteStore, type SqliteStore } from '../packages/server/src/store/sqlite/open-sqlite-store.ts';
import type { BenchOptions } from './options.ts';
import { panda } from './panda.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median } from './statistics.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** So many writes share one commit, hence one flush. */
const groupSize = 64;
const groups = 15;
const finds = 2_000;
const organizations = 10;
const now = Date.now();

/** The store's methods alone, in this process, at queues of growing length. */
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
async function measureAt({ requests: store, events }: SqliteStore, length: number): Promise<readonly Figure[]> {
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
    toFigure('claim', of('claim'), `alone, with a commit of its own: ${formatNumber(median(alone) / 1_000)} ms`),
    toFigure('begin a call', of('begin')),
    toFigure('settle', of('settle')),
    toFigure('find', find),
    toFigure('position of the last', position),
  ];
}

/** Of the newest request in the longest lane. */
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

/** The life of one group of requests. What is claimed may be others, older ones: as many as were added. */
async function measureGroup(store: RequestStore): Promise<GroupTimes> {
  const submit = await timeEach(groupSize, (index) => store.submit(toNewRequest(index)));
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

/** Begins all in one turn of the event loop; microseconds of each. */
async function timeEach(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  return ((performance.now() - start) * 1_000) / count;
}

async function submitMany(store: RequestStore, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1_000) {
    await timeEach(Math.min(left, 1_000), (index) => store.submit(toNewRequest(index)));
  }
}

/** Every call of the bench is sent in one minute; the limits cut nothing off, and have their windows read. */
const upstreams = [
  {
    name: 'bench',
    limits: { concurrency: 1_000, requestsPerMinute: 100_000, requestsPerDay: 1_000_000 },
  },
];
const models = new Map([[panda.model, panda.model]]);

async function claimOne(store: RequestStore): Promise<Claim> {
  const { claims } = await store.claim({ worker: 'bench', limit: 1, upstreams, models, now, leaseMs: 600_000 });
  const [claim] = claims;
  if (!claim) throw new Error('There was nothing to claim, though requests are queued.');
  return claim;
}

const order: Order = {
  imageSize: '1K',
  aspectRatio: '1:1',
  format: 'png',
  images: 1,
  conversation: [{ role: 'user', parts: [{ kind: 'text', text: panda.payload.prompt }] }],
};

function toNewRequest(index: number): NewRequest {
  return {
    id: createRequestId(),
    organizationId: toOrganization(index),
    apiKeyId: 'bench',
    model: panda.model,
    payload: JSON.stringify(panda.payload),
    inline: [],
    order,
    priority: 0,
    estimatedCostMicros: 134_000,
    createdAt: now,
    deadlineAt: now + 3_600_000,
    maxQueued: 10_000_000,
  };
}

function toOrganization(index: number): string {
  return `organization-${index % organizations}`;
}

function toSettlement({ lease }: Claim): Settlement {
  const picture: StoredPicture = {
    name: `${createSecret()}.png`,
    format: 'png',
    bytes: 2_000_000,
    sha256: 'ab'.repeat(32),
    width: 1024,
    height: 1024,
  };
  const answer: KeptAnswer = { parts: [{ kind: 'picture', picture }] };
  const end = { imageIndex: 0, endedAt: now, costMicros: 134_000, isPossiblyBilled: false, answer } as const;
  const outcome = { kind: 'success', pictures: [picture], conversation: order.conversation } as const;
  return { lease, ends: [{ ...end, result: 'succeeded' }], verdict: { kind: 'succeed', outcome }, now };
}
