import { mkdir, statfs } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CheckedUpstream, EndingModel } from '../compose-tools.ts';
import type { Config } from '../config/load-config.ts';
import { toLocalUrl } from '../config/local-url.ts';
import type { ExaminedPictures, ExamineOptions } from '../media/examine-pictures.ts';
import { systemClock } from '../platform/clock.ts';
import { toLossCell } from './cells.ts';
import { isRunning } from './find-server.ts';
import { loadTools } from './load-compose.ts';
import { createProgress } from './progress.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

type Finding = { readonly kind: 'ok' | 'doubtful' | 'bad'; readonly text: string };

export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('Check for problems that would keep Darkroom from working, and say how to fix them.');
  addSettings(command).action(async () => {
    const config = loadCommandConfig(command);
    let isWell = true;
    const all = await examinations(config);
    const width = Math.max(...all.map(([name]) => name.length));
    for (const [name, examine] of all) {
      const { kind, text } = await examine().catch(
        (error: unknown): Finding => ({ kind: 'bad', text: error instanceof Error ? error.message : String(error) }),
      );
      console.log(`${signs[kind]} ${name.padEnd(width)} ${text}`);
      isWell &&= kind !== 'bad';
    }
    if (!isWell) process.exitCode = 1;
  });
}

const signs = { ok: '✓', doubtful: '!', bad: '✗' } as const;

const ok = (text: string): Finding => ({ kind: 'ok', text });
const bad = (text: string): Finding => ({ kind: 'bad', text });

/** In the order of their dependencies. */
async function examinations(config: Config): Promise<readonly (readonly [string, () => Promise<Finding>])[]> {
  const { composeChecks, createLogger } = await loadTools();
  const checks = composeChecks(config, createLogger('error'));
  return [
    ['node', async () => ok(process.version)],
    ['settings', async () => ok('every setting is valid')],
    ['data', () => examineData(config)],
    ['store', async () => ok(await checks.store())],
    ['media', async () => judgeMedia(config, await checks.media())],
    ['pictures', () => examinePictures(checks.pictures)],
    ...[...checks.upstreams].map(
      ([name, check]) => [`upstream ${name}`, async () => judgeUpstream(await check())] as const,
    ),
    ['models', async () => judgeModels(checks.unservedModels(), checks.endingModels(systemClock.now()))],
    ['address', () => examineAddress(config)],
  ];
}

/** Enough to find a storage that loses pictures, and done within a minute even with a bucket. */
const sampleSize = 10_000;

type Examine = (options: Pick<ExamineOptions, 'most' | 'onProgress'>) => Promise<ExaminedPictures>;

async function examinePictures(examine: Examine): Promise<Finding> {
  const progress = createProgress();
  try {
    const onProgress = (examined: number) => progress.show(`checked ${examined} pictures`);
    return judgePictures(await examine({ most: sampleSize, onProgress }));
  } finally {
    progress.end();
  }
}

function judgePictures({ examined, isAll, missing, cut, unreadable }: ExaminedPictures): Finding {
  const which = isAll ? `all ${examined} pictures` : `${examined} pictures (darkroom verify checks the others too)`;
  if (missing.count + cut.count + unreadable.count === 0) return ok(`${which} are intact in the storage`);
  const told = [
    ...(missing.count > 0 ? [`${missing.count} missing (${toLossCell(missing)})`] : []),
    ...(cut.count > 0 ? [`${cut.count} cut off (${toLossCell(cut)})`] : []),
    ...(unreadable.count > 0 ? [`${unreadable.count} with damaged rows (${toLossCell(unreadable)})`] : []),
  ];
  return bad(`of ${which}: ${told.join(', ')}. Restore the files from a backup of the storage.`);
}

async function examineData({ dataDir, minFreeDiskBytes }: Config): Promise<Finding> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(dataDir);
  const freeMegabytes = Math.floor((bavail * bsize) / 1024 ** 2);
  const leastMegabytes = minFreeDiskBytes / 1024 ** 2;
  if (freeMegabytes < leastMegabytes)
    return bad(
      `${dataDir} has less than ${leastMegabytes} MB of free space, so new requests are refused. Free some space, or set DARKROOM_DATA_DIR or DARKROOM_MIN_FREE_DISK_MB.`,
    );
  return ok(`${dataDir}, ${freeMegabytes} MB free`);
}

/** One machine cannot know whether the processes on other machines share this disk. */
function judgeMedia({ databaseUrl, storage }: Config, text: string): Finding {
  if (databaseUrl === undefined || storage.kind !== 'disk') return ok(text);
  return {
    kind: 'doubtful',
    text: `${text}, on this machine's disk: if processes run on other machines too, set DARKROOM_STORAGE to a bucket, or share the data folder.`,
  };
}

function judgeUpstream({ text, lacking }: CheckedUpstream): Finding {
  if (lacking.length === 0) return ok(text);
  const lacks = lacking.map(({ upstreamId, lack }) => `${upstreamId} (${lack})`).join(' and ');
  return { kind: 'doubtful', text: `${text}. It lacks ${lacks}: requests for that fail there.` };
}

function judgeModels(unserved: readonly string[], ending: readonly EndingModel[]): Finding {
  const findings = ending.map(toEndingSentence);
  if (unserved.length > 0)
    findings.push(
      `No upstream serves ${unserved.join(' and ')}, so requests for them wait. Add them to the models of an entry in DARKROOM_UPSTREAMS.`,
    );
  return findings.length === 0 ? ok('every model has an upstream') : { kind: 'doubtful', text: findings.join(' ') };
}

function toEndingSentence({ upstreamId, retirement: { on, replacement }, isOver }: EndingModel): string {
  const end = isOver ? `was to end on ${on}` : `ends on ${on}`;
  return `${upstreamId} ${end}${replacement === undefined ? '' : `: call ${replacement} instead`}.`;
}

async function examineAddress(config: Config): Promise<Finding> {
  const url = toLocalUrl(config);
  return ok(
    (await isRunning(url)) ? `a Darkroom answers at ${url}` : `nothing answers at ${url}: start it with npm start`,
  );
}
