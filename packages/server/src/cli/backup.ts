import path from 'node:path';
import { type Command, Option } from 'commander';
import { loadTools } from './load-compose.ts';
import { noteCommand } from './note-command.ts';
import { createProgress } from './progress.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';
import { parseWholeNumber } from './whole-number.ts';

export function registerBackup(program: Command): void {
  const command = program
    .command('backup')
    .description(
      'Back up the database, the pictures and the key file into a new folder inside TO, while Darkroom runs. Pictures that the backup before has are not copied again. If it is interrupted, run it again to continue. For SQLite.',
    )
    .argument('<to>', 'The folder of backups, on another disk or machine.')
    .addOption(
      new Option('--keep <number>', 'How many backups to keep in TO; older ones are removed.')
        .argParser(parseWholeNumber(1, 10_000))
        .default(7),
    );
  addSettings(command, ['DARKROOM_DATA_DIR', 'DATABASE_URL', 'DARKROOM_STORAGE']).action(
    (to: string, { keep }: { readonly keep: number }) => backUp(command, { to: path.resolve(to), keep }),
  );
}

async function backUp(command: Command, { to, keep }: { readonly to: string; readonly keep: number }): Promise<void> {
  const config = loadCommandConfig(command);
  const tools = await loadTools();
  const progress = createProgress();
  const { folder, manifest, copied } = await tools
    .backUp(config, {
      to,
      keep,
      onObjects: ({ seen, copied, copiedBytes }) =>
        progress.show(`compared ${seen} objects, copied ${copied} of ${toMegabytes(copiedBytes)}`),
      onSnapshot: () => progress.show('taking a snapshot of the database'),
    })
    .finally(() => progress.end());
  const { requests, objects, lost } = manifest;
  const count = Object.values(requests).reduce((sum, some) => sum + some, 0);
  console.log(
    `Backed up ${count} requests and ${objects.count} objects of ${toMegabytes(objects.totalBytes)} to ${folder}; ${copied} objects were copied.`,
  );
  const deed = { target: folder, after: { requests: count, objects: objects.count, lost: lost.count } };
  await noteCommand(config, 'backup', { action: 'store.backed_up', ...deed });
  if (lost.count === 0) return;
  process.exitCode = 1;
  console.error(
    `${lost.count} pictures are missing or damaged in the storage and in the backup before: ${lost.names.join(', ')}. The backup is complete except for them; darkroom verify says more.`,
  );
}

function toMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
