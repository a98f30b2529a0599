import type { Command } from 'commander';
import { loadTools } from './load-compose.ts';
import { noteCommand } from './note-command.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

export function registerMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .description('Bring the database schema up to date, as serve does when it starts.');
  addSettings(command, ['DARKROOM_DATA_DIR', 'DATABASE_URL']).action(async () => {
    const { migrateStore, createLogger } = await loadTools();
    const config = loadCommandConfig(command);
    const { from, to } = await migrateStore(config, createLogger('error'));
    if (from !== to) {
      const deed = { target: 'database', before: { schema: from }, after: { schema: to } };
      await noteCommand(config, 'migrate', { action: 'store.migrated', ...deed });
    }
    console.log(
      from === to
        ? `The schema is at version ${to}: nothing to do.`
        : `The schema was at version ${from} and is now at ${to}.`,
    );
  });
}
