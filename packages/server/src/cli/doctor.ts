import { mkdir, statfs } from 'node:fs/promises';
import type { Command } from 'commander';
import { composeChecks } from '../compose.ts';
import type { Config } from '../config/load-config.ts';
import { toLocalUrl } from '../config/local-url.ts';
import { isRunning } from './connect.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

type Finding = { readonly kind: 'ok' | 'bad'; readonly text: string };

export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('Look for what would keep Darkroom from working, and say what to do.');
  addSettings(command).action(async () => {
    const config = loadCommandConfig(command);
    let isWell = true;
    for (const [name, examine] of examinations(config)) {
      const { kind, text } = await examine().catch(
        (error: unknown): Finding => ({ kind: 'bad', text: error instanceof Error ? error.message : String(error) }),
      );
      console.log(`${kind === 'ok' ? '✓' : '✗'} ${name.padEnd(9)} ${text}`);
      isWell &&= kind === 'ok';
    }
    if (!isWell) process.exitCode = 1;
  });
}

const ok = (text: string): Finding => ({ kind: 'ok', text });
const bad = (text: string): Finding => ({ kind: 'bad', text });

/** In the order in which one needs the other. */
function examinations(config: Config): readonly (readonly [string, () => Promise<Finding>])[] {
  const checks = composeChecks(config);
  return [
    ['node', async () => ok(process.version)],
    ['settings', async () => ok('every setting is right')],
    ['data', () => examineData(config)],
    ['store', async () => ok(await checks.store())],
    ['media', async () => ok(await checks.media())],
    ['upstream', async () => ok(await checks.upstream())],
    ['address', () => examineAddress(config)],
  ];
}

async function examineData({ dataDir }: Config): Promise<Finding> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(dataDir);
  const free = Math.floor((bavail * bsize) / 1024 ** 3);
  if (free < 1)
    return bad(
      `${dataDir} has less than 1 GiB of free space: pictures need 1 to 20 MB each. Free some, or set DARKROOM_DATA_DIR.`,
    );
  return ok(`${dataDir}, ${free} GiB free`);
}

async function examineAddress(config: Config): Promise<Finding> {
  const url = toLocalUrl(config);
  return ok(
    (await isRunning(url)) ? `a Darkroom answers at ${url}` : `nothing answers at ${url}: start it with npm start`,
  );
}
