import type { RequestList } from '@darkroom/protocol';
import { defaultOrganizationId } from '../packages/server/src/core/organization.ts';
import { claimOne, now, toNewRequest, toSettlement } from './made-requests.ts';
import type { BenchOptions } from './options.ts';
import { addCopies, toCopyId, withStore } from './postgres-rows.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { type DarkroomProcess, startDarkroom } from './processes.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median, percentile } from './statistics.ts';

const rounds = 500;
const few = 10_000;
/** Few organizations, so that each has many requests. */
const organizations = [defaultOrganizationId, ...Array.from({ length: 9 }, (_, index) => `organization-${index}`)];
/** Old enough that the windows of the upstream's limits do not include them. */
const at = now - 86_400_000;

/** Reads of lists and records by an API process, with few and with millions of finished requests. */
export async function measurePostgresReads({ bin, folder, finished }: BenchOptions): Promise<Section> {
  await using postgres = await startPostgres(folder);
  await using owned = new AsyncDisposableStack();
  const archives: Archive[] = [];
  for (const length of [few, finished]) {
    const url = await createArchive(postgres, length);
    const api = owned.use(await startDarkroom({ bin, folder, settings: { DATABASE_URL: url }, role: 'api' }));
    archives.push({ length, api, times: new Map() });
  }
  for (let round = 0; round < rounds; round += 1) for (const archive of archives) await readOnce(archive);
  return {
    title: 'Reads, PostgreSQL',
    setup: `${rounds} GETs of each kind by an API process, one after the other; an organization that has a tenth of the finished requests; each record is read once, by chance; both archives take turns`,
    figures: [...archives.flatMap(toFigures), ...toGrowth(archives)],
  };
}

/** The URL of a database with `count` finished requests. */
export async function createArchive(postgres: PostgresServer, length: number): Promise<string> {
  const url = await postgres.createDatabase(`finished_${length}`);
  const template = toNewRequest(defaultOrganizationId, at);
  await withStore(url, async (store) => {
    await store.submit(template);
    const claim = await claimOne(store, at);
    await store.beginCalls(claim.lease, { imageIndexes: [0], now: at });
    await store.settle(toSettlement(claim, at));
  });
  await addCopies(url, { id: template.id, from: 0, count: length, organizations });
  return url;
}

interface Archive {
  readonly length: number;
  readonly api: DarkroomProcess;
  /** The milliseconds of each read, by kind. */
  readonly times: Map<string, number[]>;
}

async function readOnce({ length, api: { client }, times }: Archive): Promise<void> {
  const read = async <T>(kind: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    times.set(kind, [...(times.get(kind) ?? []), performance.now() - start]);
    return result;
  };
  const own = length / organizations.length;
  const id = toCopyId(Math.floor(Math.random() * own) * organizations.length);
  const { status } = await read('a record', () => client.status(id));
  if (status !== 'success') throw new Error(`A finished request is read as ${status}.`);
  const first = await read('the first 20', () => client.list({ limit: 20 }));
  const filtered = await read('the first 20 of a status', () => client.list({ limit: 20, status: 'success' }));
  const deep = await read('20 from anywhere', () => client.list({ limit: 20, cursor: id }));
  for (const page of [first, filtered]) assertPage(page, own);
  if (deep.total < own) throw new Error('The total of a page does not include all finished requests.');
}

function assertPage({ requests, total }: RequestList, own: number): void {
  if (requests.length < 20 || total < own) throw new Error(`A page has ${requests.length} requests of ${total}.`);
}

function toFigures({ length, times }: Archive): readonly Figure[] {
  return [...times].map(([kind, values]) => ({
    name: `${kind}, ${length.toLocaleString('en-US')} finished`,
    value: median(values),
    unit: 'ms',
    detail: `p50; p95 ${formatNumber(percentile(values, 95))} ms`,
  }));
}

function toGrowth([small, large]: readonly Archive[]): readonly Figure[] {
  return [...(small?.times ?? [])].map(([kind, values]) => {
    const value = median(large?.times.get(kind) ?? []) / median(values);
    return { name: `${kind}: many to few`, value, unit: 'ratio' };
  });
}
