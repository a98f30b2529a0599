import path from 'node:path';
import type { Command } from 'commander';
import { commandWords } from '../platform/installation.ts';
import { loadTools } from './load-compose.ts';
import { noteCommand } from './note-command.ts';
import { createProgress } from './progress.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';
import { toShownPath } from './shown-path.ts';

const maxNames = 20;

export function registerRestore(program: Command): void {
  const command = program
    .command('restore')
    .description(
      'Restore a backup of darkroom backup into an empty data folder, and check every file. If it is interrupted, run it again to continue. For SQLite.',
    )
    .argument('<from>', 'The folder of backups, whose newest is restored, or one of the backups in it.');
  addSettings(command, ['DARKROOM_DATA_DIR', 'DATABASE_URL', 'DARKROOM_STORAGE']).action((from: string) =>
    restore(command, path.resolve(from)),
  );
}

async function restore(command: Command, from: string): Promise<void> {
  const config = loadCommandConfig(command);
  const tools = await loadTools();
  const progress = createProgress();
  const { folder, manifest, damaged } = await tools
    .restore(config, {
      from,
      onObjects: ({ done, total }) => progress.show(`restored ${done} of ${total} objects`),
    })
    .finally(() => progress.end());
  const open = (manifest.requests['queued'] ?? 0) + (manifest.requests['processing'] ?? 0);
  console.log(`Restored ${folder}, taken at ${manifest.at}, into ${toShownPath(config.dataDir)}.`);
  const after = { from: folder, taken_at: manifest.at, damaged: damaged.length };
  await noteCommand(config, 'restore', { action: 'store.restored', target: 'database', after });
  if (open > 0)
    console.log(
      `${open} requests had not ended then. They may have ended and been paid after the backup, and will be made again: start with ${commandWords} serve --hold to decide first.`,
    );
  if (damaged.length === 0) return;
  process.exitCode = 1;
  const more = damaged.length > maxNames ? ' …' : '';
  console.error(
    `${damaged.length} files of the backup are missing or damaged and were not restored: ${damaged.slice(0, maxNames).join(', ')}${more}`,
  );
}
