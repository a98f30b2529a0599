import type { Command } from 'commander';
import { openStore } from '../compose.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { createApiKey } from '../keys/api-keys.ts';
import { systemClock } from '../platform/clock.ts';
import type { KeyStore } from '../store/key-store.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';
import { toTable } from './table.ts';

export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('Make, list and revoke API keys.');

  const create = keys
    .command('create')
    .description('Make a key and print it; it is shown this once.')
    .option('--name <name>', 'What the key is for.', 'unnamed')
    .option('--organization <id...>', 'Whose requests it can make and see; the first is its default.', [
      defaultOrganizationId,
    ]);
  addSettings(create, ['DARKROOM_DATA_DIR']).action((options: { name: string; organization: [string, ...string[]] }) =>
    withKeys(create, async (store) => {
      const organizationIds = options.organization;
      for (const id of organizationIds) assertOrganizationId(id);
      console.log(await createApiKey(store, { name: options.name, organizationIds, now: systemClock.now() }));
    }),
  );

  const list = keys.command('list').description('List the keys.');
  addSettings(list, ['DARKROOM_DATA_DIR']).action(() =>
    withKeys(list, async (store) => {
      const rows = (await store.list()).map((key) => [
        key.id,
        key.name,
        key.organizationIds.join(' '),
        toDate(key.createdAt),
        key.revokedAt === undefined ? '' : toDate(key.revokedAt),
      ]);
      console.log(toTable(['KEY', 'NAME', 'ORGANIZATIONS', 'CREATED', 'REVOKED'], rows));
    }),
  );

  const revoke = keys
    .command('revoke')
    .description('Refuse a key from now on.')
    .argument('<id>', 'Its id: the part between "dk_" and the next "_".');
  addSettings(revoke, ['DARKROOM_DATA_DIR']).action((id: string) =>
    withKeys(revoke, async (store) => {
      if (!(await store.revoke(id, systemClock.now())))
        throw new Error(`There is no key ${id} that could be revoked; "darkroom keys list" shows them.`);
      console.log(`Revoked ${id}.`);
    }),
  );
}

/** Keys are the operator's: these commands open the store itself, beside a server that may run. */
async function withKeys(command: Command, work: (keys: KeyStore) => Promise<void>): Promise<void> {
  const store = openStore(loadCommandConfig(command));
  try {
    await work(store.keys);
  } finally {
    await store.close();
  }
}

function assertOrganizationId(id: string): void {
  if (!/^[\w.-]{1,100}$/.test(id))
    throw new Error('An organization id has 1 to 100 letters, digits, dots, dashes and underscores.');
}

function toDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
