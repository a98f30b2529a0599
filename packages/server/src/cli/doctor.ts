import { mkdir, statfs } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Config } from '../config/load-config.ts';
import { toLocalUrl } from '../config/local-url.ts';
import { createLogger } from '../platform/logger.ts';
import { isRunning } from './find-server.ts';
import { loadCompose } from './load-compose.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

type Finding = { readonly kind: 'ok' | 'doubtful' | 'bad'; readonly text: string };

export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('Look for what would keep Darkroom from working, and say what to do.');
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

/** In the order in which one needs the other. */
async function examinations(config: Config): Promise<readonly (readonly [string, () => Promise<Finding>])[]> {
  const checks = (await loadCompose()).composeChecks(config, createLogger('error'));
  return [
    ['node', async () => ok(process.version)],
    ['settings', async () => ok('every setting is right')],
    ['data', () => examineData(config)],
    ['store', async () => ok(await checks.store())],
    ['media', async () => judgeMedia(config, await checks.media())],
    ...[...checks.upstreams].map(([name, check]) => [`upstream ${name}`, async () => ok(await check())] as const),
    ['address', () => examineAddress(config)],
  ];
}

async function examineData({ dataDir, minFreeDiskBytes }: Config): Promise<Finding> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(dataDir);
  const freeMegabytes = Math.floor((bavail * bsize) / 1024 ** 2);
  const leastMegabytes = minFreeDiskBytes / 1024 ** 2;
  if (freeMegabytes < leastMegabytes)
    return bad(
      `${dataDir} has less than ${leastMegabytes} MB of free space, so that new requests are refused. Free some, or set DARKROOM_DATA_DIR or DARKROOM_MIN_FREE_DISK_MB.`,
    );
  return ok(`${dataDir}, ${freeMegabytes} MB free`);
}

/** What only whoever looks at all machines could know. */
function judgeMedia({ databaseUrl, storage }: Config, text: string): Finding {
  if (databaseUrl === undefined || storage.kind !== 'disk') return ok(text);
  return {
    kind: 'doubtful',
    text: `${text}, on this machine's disk: with processes on other machines too, set DARKROOM_STORAGE to a bucket, or share the data folder.`,
  };
}

async function examineAddress(config: Config): Promise<Finding> {
  const url = toLocalUrl(config);
  return ok(
    (await isRunning(url)) ? `a Darkroom answers at ${url}` : `nothing answers at ${url}: start it with npm start`,
  );
}
