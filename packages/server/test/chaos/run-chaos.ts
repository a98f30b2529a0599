import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import sharp from 'sharp';
import { type AuditedRequest, auditCalls, auditEnds, auditMoney, auditRepeats, readAll, toPrompt } from './audit.ts';
import { auditModels, listHelpers } from './audit-models.ts';
import { type ChaosVendors, countCalls, startVendors, stopVendors } from './chaos-vendors.ts';
import { type Placed, serveCustomers } from './customers.ts';
import type { Findings } from './findings.ts';
import { Fleet } from './fleet.ts';
import { type CreateGround, type Ground, listSpools, withStore } from './ground.ts';
import { auditObjects, checkKeys, checkPictures } from './inspect.ts';
import { lanes, upstreamNames, type Vendor } from './models.ts';
import { type ChaosScale, createPlan, createPlanTimes, organizationIds } from './plan.ts';
import { readEvents } from './server-logs.ts';
import { adminKey, prepareOrganizations } from './stage.ts';
import { hurryTime, letItStorm, releaseUpstreams, type StormOptions } from './storm.ts';
import { describeRun } from './summary.ts';
import { Watcher } from './watcher.ts';

/** The result of a run. */
export interface ChaosReport {
  readonly findings: Findings;
  /** What happened, for people to read. */
  readonly summary: string;
  /** The share of the accepted requests that succeeded, from 0 to 1. */
  readonly successShare: number;
  /** The vendors of which a model was called instead of one of another vendor. */
  readonly helpers: readonly Vendor[];
}

export interface ChaosRun extends ChaosScale {
  readonly createGround: CreateGround;
  /** How long the requests may take to end once it is calm, in milliseconds of real time. */
  readonly longestCalmMs: number;
}

/** Runs several servers and their customers through everything at once, and examines the result. */
export async function runChaos(run: ChaosRun): Promise<ChaosReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'darkroom-chaos-'));
  const vendors = await startVendors(folder);
  const ground = await run.createGround({ folder, vendors });
  const fleet = new Fleet({ ...ground, folder });
  try {
    const report = await liveThrough(run, { folder, vendors, ground, fleet });
    // If there are findings, the folder is kept: rows and logs say what happened.
    if (Object.values(report.findings).every((problems) => problems.length === 0))
      await rm(folder, { recursive: true, force: true });
    return report;
  } finally {
    fleet.killAll();
    await ground.stop();
    await stopVendors(vendors);
  }
}

interface Stage {
  readonly folder: string;
  readonly vendors: ChaosVendors;
  readonly ground: Ground;
  readonly fleet: Fleet;
}

async function liveThrough(run: ChaosRun, { folder, vendors, ground, fleet }: Stage): Promise<ChaosReport> {
  const keys = await prepareOrganizations(ground, run.requests);
  const storm: StormOptions = { fleet, vendors, ground, adminKey };
  const watcher = new Watcher({ fleet, keys });
  await fleet.startAll();
  if (fleet.problems.length > 0) throw new Error(`${fleet.problems.join(' ')} ${folder}`);
  const over = new AbortController();
  const watching = watcher.run(over.signal);
  const placed = await liveThroughStorm(run, { ...storm, keys });
  await waitForTheEnd(run, { ...storm, watcher });
  over.abort();
  await watching;
  const unreadable = await checkPictures(await watcher.look(), fleet.urls[0] ?? '');
  await fleet.stopAll();
  await sweep(ground, fleet);

  const { all, findings } = await audit({ ground, vendors, now: fleet.now() });
  const events = await readEvents(folder);
  await writeFile(path.join(folder, 'requests.json'), JSON.stringify(all, null, 2));
  const calls = Object.values(vendors).reduce((sum, upstream) => sum + upstream.calls, 0);
  const everything: Findings = {
    ...findings,
    ...auditRepeats(all),
    ...auditModels(all),
    'servers-start-and-stop': fleet.problems,
    'one-request-a-key': checkKeys(placed, all),
    'success-never-changes': watcher.problems,
    'pictures-readable': unreadable,
  };
  return {
    findings: everything,
    summary: describeRun({ folder, events, all, placed, calls, findings: everything }),
    successShare: all.filter(({ request }) => request.status === 'success').length / Math.max(1, all.length),
    helpers: listHelpers(all),
  };
}

/** What killed servers have left is swept by the next one that starts in their place. */
async function sweep(ground: Ground, fleet: Fleet): Promise<void> {
  const left = await listSpools(ground);
  const starting = ground.servers.map(async ({ dataDir }, index) => {
    if (left.some((folder) => folder.startsWith(`${dataDir}${path.sep}`))) await fleet.start(index);
  });
  await Promise.all(starting);
  await fleet.stopAll();
}

/** The state of the store, the sandbox and the storage when everything has stopped. */
function audit({
  ground,
  vendors,
  now,
}: {
  readonly ground: Ground;
  readonly vendors: ChaosVendors;
  readonly now: number;
}): Promise<{ readonly all: readonly AuditedRequest[]; readonly findings: Findings }> {
  return withStore(ground, async (store) => {
    const all = await readAll(store, organizationIds);
    const prompts = [...new Set(all.map(({ request }) => toPrompt(request)))];
    const counted = await Promise.all(
      prompts.map(async (prompt) => ({ prompt, calls: await countCalls(vendors, prompt) })),
    );
    const findings = {
      ...auditEnds(all),
      ...auditCalls(all, counted),
      ...(await auditMoney(all, { store, organizationIds, now })),
      ...(await auditObjects(all, ground)),
    };
    return { all, findings };
  });
}

/** Resolves when the weather is good again and every customer has an answer. */
async function liveThroughStorm(
  run: ChaosRun,
  options: StormOptions & { readonly keys: ReadonlyMap<string, string> },
): Promise<readonly Placed[]> {
  const { fleet, ground, keys } = options;
  const { orders, troubles } = createPlan(run, ground.servers.length);
  const ofGround = ground.planTroubles(createPlanTimes(run, 'troubles of the ground'));
  const over = new AbortController();
  const hurry = hurryTime(fleet, { stepMs: 2_500, signal: over.signal });
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c63' } })
    .png()
    .toBuffer();
  const customers = serveCustomers({
    seed: run.seed,
    orders,
    fleet,
    keys,
    picture: `data:image/png;base64,${picture.toString('base64')}`,
    signal: AbortSignal.timeout(run.stormMs + run.longestCalmMs),
  });
  await letItStorm({ troubles, ofGround }, options);
  await fleet.startAll();
  const placed = await customers;
  over.abort();
  await hurry;
  return placed;
}

/** Resolves when every request and every call has ended, or when that takes too long; the audit finds which. */
async function waitForTheEnd(
  run: ChaosRun,
  { watcher, ...storm }: StormOptions & { readonly watcher: Watcher },
): Promise<void> {
  const { fleet, ground } = storm;
  // Calls that hang have had their time by now.
  fleet.pass(400_000);
  const over = new AbortController();
  // Faster than in the storm, but slow enough that a renewed lease does not run out.
  const hurry = hurryTime(fleet, { stepMs: 5_000, signal: over.signal });
  const end = Date.now() + run.longestCalmMs;
  let isOver = false;
  while (!isOver && Date.now() < end) {
    await releaseUpstreams(storm);
    const records = await watcher.look().catch(() => undefined);
    isOver = records?.every(({ status }) => status !== 'queued' && status !== 'processing') ?? false;
    isOver &&= (await countCallsUnderWay(ground, fleet.now())) === 0;
    await pause(500);
  }
  over.abort();
  await hurry;
}

function countCallsUnderWay(ground: Ground, now: number): Promise<number> {
  return withStore(ground, async (store) => {
    const upstreams = upstreamNames.map((name) => ({ name, limits: { concurrency: 1 } }));
    const reports = await store.upstreams.report({ upstreams, models: lanes, now });
    return reports.reduce((sum, { load }) => sum + load.underWay, 0);
  });
}
