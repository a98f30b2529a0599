import { type Command, Option } from 'commander';
import { parseCopyPlace } from '../config/copy-place.ts';
import { loadTools } from './load-compose.ts';
import { noteCommand } from './note-command.ts';
import { createProgress } from './progress.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

interface CopyFlags {
  readonly from: string;
  readonly fromStorage?: string;
  readonly to?: string;
  readonly toStorage?: string;
}

const storageHint = 'disk, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX, as in DARKROOM_STORAGE';

export function registerCopy(program: Command): void {
  const command = program
    .command('copy')
    .description(
      'Copy a whole Darkroom to another database and storage: keys, requests, conversations, pictures, usage, webhooks. No server may run on either side meanwhile. If the copy is interrupted, run the command again to continue.',
    )
    .requiredOption('--from <place>', 'The data folder, or the postgres:// URL, to copy from.')
    .option('--from-storage <storage>', `Where its pictures are stored: ${storageHint}. (default: in its data folder)`)
    .addOption(
      new Option('--to <place>', 'The data folder, or the postgres:// URL, to copy to. (default: DATABASE_URL)'),
    )
    .option('--to-storage <storage>', `Where to store the pictures: ${storageHint}. (default: DARKROOM_STORAGE)`);
  addSettings(command, ['DARKROOM_DATA_DIR', 'DATABASE_URL', 'DARKROOM_STORAGE']).action((flags: CopyFlags) =>
    copy(command, flags),
  );
}

async function copy(command: Command, flags: CopyFlags): Promise<void> {
  const config = loadCommandConfig(command);
  const from = parseCopyPlace({ store: flags.from, storage: flags.fromStorage }, config);
  const to = parseCopyPlace({ store: flags.to, storage: flags.toStorage }, config);
  const { copyAll, createLogger } = await loadTools();
  const progress = createProgress();
  const told = { pictures: '', requests: '0 requests' };
  try {
    await copyAll({
      from,
      to,
      logger: createLogger('error'),
      onObjects: ({ done, total, bytes }) => {
        told.pictures = `${done} objects of ${Math.ceil(bytes / 2 ** 20)} MB`;
        progress.show(toBar('pictures', done, total));
      },
      onRows: ({ table, step, done, total }) => {
        if (table === 'requests') told.requests = `${total} requests`;
        progress.show(toBar(`${step === 'copy' ? 'copying' : 'checking'} ${table}`, done, total));
      },
    });
  } finally {
    progress.end();
  }
  const source = from.databaseUrl === undefined ? 'SQLite' : 'PostgreSQL';
  await noteCommand(to, 'copy', { action: 'store.copied', target: 'database', after: { from: source } });
  console.log(`Copied and compared: ${told.pictures}, ${told.requests} and everything that belongs to them.`);
}

const barWidth = 24;

function toBar(name: string, done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  return `${name.padEnd(28)} ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${Math.floor(100 * share)} % ${done} of ${total}`;
}
