import type { Command } from 'commander';
import { loadTools } from './load-compose.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

export function registerMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .description('Bring the database schema up to date, as serve does when it starts.');
  addSettings(command, ['DARKROOM_DATA_DIR', 'DATABASE_URL']).action(async () => {
    const { migrateStore, createLogger } = await loadTools();
    const { from, to } = await migrateStore(loadCommandConfig(command), createLogger('error'));
    console.log(
      from === to
        ? `The schema is at version ${to}: nothing to do.`
        : `The schema was at version ${from} and is now at ${to}.`,
    );
  });
}
