import type { Command } from 'commander';
import type { Config } from '../config/load-config.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { createApiKey } from '../keys/api-keys.ts';
import { systemClock } from '../platform/clock.ts';
import type { KeyStore } from '../store/key-store.ts';
import { toTimeCell } from './cells.ts';
import { loadTools } from './load-compose.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';
import { toTable } from './table.ts';
import { parseWholeNumber } from './whole-number.ts';

interface CreateOptions {
  readonly name: string;
  readonly organization: readonly [string, ...string[]];
  readonly admin?: true;
  readonly requestsPerMinute?: number;
  readonly cancelWhenGone?: true;
  readonly model?: readonly string[];
}

const storeSettings = ['DARKROOM_DATA_DIR', 'DATABASE_URL'] as const;

export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('Create, list and revoke API keys.');

  const create = keys
    .command('create')
    .description('Create a key and print it. The key is shown only once.')
    .option('--name <name>', 'What the key is for.', 'unnamed')
    .option(
      '--organization <id...>',
      'The organizations whose requests it may make and see; the first is its default.',
      [defaultOrganizationId],
    )
    .option('--admin', 'Let the key act for the operator: requeue, pause, set budgets.')
    .option(
      '--requests-per-minute <number>',
      'How many requests the key may submit in any minute.',
      parseWholeNumber(1, 1e6),
    )
    .option('--cancel-when-gone', 'Cancel a request that is still queued when the client that waits for it goes away.')
    .option('--model <id...>', 'The models that the key may submit to. (default: all)');
  addSettings(create, storeSettings).action((options: CreateOptions) =>
    withKeys(create, async (store) => {
      const { name, organization: organizationIds, admin: isAdmin = false, requestsPerMinute } = options;
      for (const id of organizationIds) await assertOrganizationId(id);
      const { cancelWhenGone = false } = options;
      const limits = requestsPerMinute === undefined ? {} : { requestsPerMinute };
      const modelIds = options.model && (await toModelIds(options.model, loadCommandConfig(create)));
      const key = { name, organizationIds, isAdmin, ...limits, cancelWhenGone, ...(modelIds && { modelIds }) };
      console.log(await createApiKey(store, { ...key, now: systemClock.now() }));
    }),
  );

  const list = keys.command('list').description('List the keys.');
  addSettings(list, storeSettings).action(() =>
    withKeys(list, async (store) => {
      const rows = (await store.list()).map((key) => [
        key.id,
        key.name,
        key.organizationIds.join(' '),
        key.isAdmin ? 'yes' : '',
        key.requestsPerMinute?.toString() ?? '',
        key.cancelWhenGone ? 'cancel' : '',
        key.modelIds?.join(' ') ?? '',
        toTimeCell(key.createdAt),
        key.revokedAt === undefined ? '' : toTimeCell(key.revokedAt),
      ]);
      console.log(
        toTable(
          ['KEY', 'NAME', 'ORGANIZATIONS', 'ADMIN', 'PER MINUTE', 'WHEN GONE', 'MODELS', 'CREATED', 'REVOKED'],
          rows,
        ),
      );
    }),
  );

  const revoke = keys
    .command('revoke')
    .description('Revoke a key: it is refused from now on.')
    .argument('<id>', 'Its id: the part between "dk_" and the next "_".');
  addSettings(revoke, storeSettings).action((id: string) =>
    withKeys(revoke, async (store) => {
      if (!(await store.revoke(id, systemClock.now())))
        throw new Error(`There is no active key ${id}; "darkroom keys list" shows the keys.`);
      console.log(`Revoked ${id}.`);
    }),
  );
}

/** Keys belong to the operator: these commands open the store directly, whether or not a server is running. */
async function withKeys(command: Command, work: (keys: KeyStore) => Promise<void>): Promise<void> {
  const { openStore, createLogger } = await loadTools();
  const store = await openStore(loadCommandConfig(command), createLogger('error'));
  try {
    await work(store.keys);
  } finally {
    await store.close();
  }
}

async function assertOrganizationId(id: string): Promise<void> {
  const { organizationIdSchema } = await import('@darkroom/protocol');
  const { error } = organizationIdSchema.safeParse(id);
  if (error) throw new Error(error.issues.map(({ message }) => `--organization ${message}.`).join(' '));
}

async function toModelIds(names: readonly string[], config: Config): Promise<readonly string[]> {
  const { composeModels } = await loadTools();
  const models = composeModels(config);
  return names.map((name) => {
    const model = models.find(name);
    const known = models.all().map(({ id }) => id);
    if (!model) throw new Error(`--model must be one of the models: ${known.join(', ')}.`);
    return model.id;
  });
}
