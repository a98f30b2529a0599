import type { Command } from 'commander';
import type { Verified } from '../compose-tools.ts';
import type { Losses } from '../media/examine-pictures.ts';
import { toLossCell } from './cells.ts';
import { loadTools } from './load-compose.ts';
import { createProgress } from './progress.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

interface VerifyFlags {
  readonly fast?: boolean;
  readonly json?: boolean;
}

export function registerVerify(program: Command): void {
  const command = program
    .command('verify')
    .description(
      'Compare every row with its picture, and every stored object with the rows: missing, cut off, changed, and named by no row. Changes nothing. Ends with 1 when something is missing or damaged.',
    )
    .option('--fast', 'Compare lengths only, without reading the pictures.')
    .option('--json', 'Print the result as JSON.');
  addSettings(command, ['DARKROOM_DATA_DIR', 'DATABASE_URL', 'DARKROOM_STORAGE']).action((flags: VerifyFlags) =>
    verify(command, flags),
  );
}

async function verify(command: Command, { fast: isFast = false, json = false }: VerifyFlags): Promise<void> {
  const config = loadCommandConfig(command);
  const { verifyAll, createLogger } = await loadTools();
  const progress = createProgress();
  const verified = await verifyAll(config, {
    isFast,
    logger: createLogger('error'),
    onProgress: progress.show,
  }).finally(() => progress.end());
  if (json) console.log(JSON.stringify(toJson(verified)));
  else for (const line of toLines(verified)) console.log(line);
  if (!verified.isWhole) process.exitCode = 1;
}

function toJson({ isWhole, database, pictures, orphans }: Verified) {
  const { examined, missing, cut, changed, unreadable } = pictures;
  return { is_whole: isWhole, database, examined, missing, cut, changed, unreadable, orphans };
}

function toLines({ isWhole, database, pictures, orphans }: Verified): readonly string[] {
  const { examined, missing, cut, changed, unreadable } = pictures;
  const told: readonly (readonly [Losses, string])[] = [
    [missing, 'pictures are missing in the storage, or parts of them'],
    [cut, 'pictures are cut off'],
    [changed, 'pictures have other bytes than before'],
    [unreadable, 'pictures have damaged rows'],
    [orphans, 'objects are in the storage that no row names; they waste space and do no harm'],
  ];
  return [
    ...database.map((sentence) => `✗ database: ${sentence}`),
    ...told.flatMap(([losses, text]) =>
      losses.count === 0 ? [] : [`${losses === orphans ? '!' : '✗'} ${losses.count} ${text}: ${toLossCell(losses)}`],
    ),
    isWhole
      ? `✓ ${examined} pictures are as their rows say`
      : `Of ${examined} pictures some are not as their rows say. Restore the files, or the database, from a backup: docs/how-to/back-up-and-restore.md`,
  ];
}
