import type { Scope } from '@darkroom/protocol';
import { type Command, Option } from 'commander';
import type { Config } from '../config/load-config.ts';
import { parseApiKeyId } from '../core/api-keys.ts';
import { changeLimits } from '../core/limits.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { createApiKey, readFirstKey, rotateApiKey, writeFirstKey } from '../keys/api-keys.ts';
import { systemClock } from '../platform/clock.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';
import { toTimeCell } from './cells.ts';
import { addLimitOption, type GivenLimits, toLimitsCell } from './limit-options.ts';
import { loadTools } from './load-compose.ts';
import { byCommand } from './note-command.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';
import { toTable } from './table.ts';
import { parseWholeNumber } from './whole-number.ts';

interface ChangeOptions {
  readonly name?: string;
  readonly scope?: readonly Scope[];
  readonly limit?: GivenLimits;
  readonly model?: readonly string[];
  readonly expiresInDays?: number;
}

interface CreateOptions extends ChangeOptions {
  readonly name: string;
  readonly organization: readonly [string, ...string[]];
  readonly admin?: true;
  readonly requestsPerMinute?: number;
  readonly cancelWhenGone?: true;
}

const storeSettings = ['DARKROOM_DATA_DIR', 'DATABASE_URL'] as const;
const dayMs = 24 * 3_600_000;

export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('Create, list, change, rotate and revoke API keys.');
  registerCreate(keys.command('create'));
  registerList(keys.command('list'));
  registerChange(keys.command('change'));
  registerRotate(keys.command('rotate'));
  registerRevoke(keys.command('revoke'));
}

function registerCreate(command: Command): void {
  command
    .description('Create a key and print it. The key is shown only once.')
    .option('--name <name>', 'What the key is for.', 'unnamed')
    .option(
      '--organization <id...>',
      'The organizations whose requests it may make and see; the first is its default. Those that do not exist are made.',
      [defaultOrganizationId],
    )
    .option('--admin', 'Let the key act for the operator: requeue, pause, set budgets.')
    .option(
      '--requests-per-minute <number>',
      'How many requests the key may submit in any minute.',
      parseWholeNumber(1, 1e6),
    )
    .option('--cancel-when-gone', 'Cancel a request that is still queued when the client that waits for it goes away.');
  addSettings(addChangeOptions(command), storeSettings).action((options: CreateOptions) =>
    withKeys(command, async (store) => {
      const { name, organization: organizationIds, admin: isAdmin = false, requestsPerMinute } = options;
      for (const id of organizationIds) await assertOrganizationId(id);
      const { cancelWhenGone = false } = options;
      const perMinute = requestsPerMinute === undefined ? {} : { requests_per_minute: requestsPerMinute };
      const limits = changeLimits(perMinute, await parseLimits(options.limit));
      const changes = await toChanges(options, command);
      console.log(
        await createApiKey(
          store,
          {
            organizationIds,
            isAdmin,
            cancelWhenGone,
            ...changes,
            name,
            limits,
            now: systemClock.now(),
          },
          byCommand('keys create'),
        ),
      );
    }),
  );
}

function registerList(command: Command): void {
  addSettings(command.description('List the keys.'), storeSettings).action(() =>
    withKeys(command, async (store) => {
      console.log(toTable(headings, (await store.list()).map(toRow)));
    }),
  );
}

const headings = [
  'KEY',
  'NAME',
  'ORGANIZATIONS',
  'SCOPES',
  'LIMITS',
  'WHEN GONE',
  'MODELS',
  'CREATED',
  'LAST USED',
  'EXPIRES',
  'REVOKED',
];

function toRow(key: ApiKey): string[] {
  const toCell = (time: number | undefined) => (time === undefined ? '' : toTimeCell(time));
  return [
    key.id,
    key.name,
    key.organizationIds.join(' '),
    key.scopes.join(' '),
    toLimitsCell(key.limits),
    key.cancelWhenGone ? 'cancel' : '',
    key.modelIds?.join(' ') ?? '',
    toTimeCell(key.createdAt),
    toCell(key.lastUsedAt),
    toCell(key.expiresAt),
    toCell(key.revokedAt),
  ];
}

function registerChange(command: Command): void {
  addId(command.description('Change a key. What is not named stays.')).option('--name <name>', 'What the key is for.');
  addSettings(addChangeOptions(command), storeSettings).action((id: string, options: ChangeOptions) =>
    withKeys(command, async (store) => {
      const key = await store.find(id);
      const limits = changeLimits(key?.limits ?? {}, await parseLimits(options.limit));
      const changed =
        key && (await store.change(id, { ...(await toChanges(options, command)), limits }, byCommand('keys change')));
      if (!changed) throw createMissing(id);
      console.log(toTable(headings, [toRow(changed)]));
    }),
  );
}

function registerRotate(command: Command): void {
  addId(command.description('Give a key another text and print it. Everything else about the key stays.')).option(
    '--grace-hours <hours>',
    'How long the old text is valid beside the new one.',
    parseWholeNumber(0, 2_160),
    24,
  );
  addSettings(command, storeSettings).action((id: string, { graceHours }: { readonly graceHours: number }) =>
    withKeys(command, async (store, { dataDir }) => {
      const by = byCommand('keys rotate');
      const rotation = { graceMs: graceHours * 3_600_000, now: by.at, by };
      const rotated = await rotateApiKey(store, id, rotation);
      if (!rotated) throw createMissing(id);
      // The command line reads the first key from its file.
      if (parseApiKeyId((await readFirstKey(dataDir)) ?? '') === id) await writeFirstKey(dataDir, rotated.text);
      console.log(rotated.text);
    }),
  );
}

function registerRevoke(command: Command): void {
  addId(command.description('Revoke a key: it is refused from now on.'));
  addSettings(command, storeSettings).action((id: string) =>
    withKeys(command, async (store) => {
      const by = byCommand('keys revoke');
      if (!(await store.revoke(id, by.at, by))) throw createMissing(id);
      console.log(`Revoked ${id}.`);
    }),
  );
}

function addId(command: Command): Command {
  return command.argument('<id>', 'Its id: the part between "dk_" and the next "_".');
}

function addChangeOptions(command: Command): Command {
  const scopes = new Option('--scope <scope...>', 'What the key may do. (default: read, submit and manage)');
  return addLimitOption(
    command
      .addOption(scopes.choices(['read', 'submit', 'manage', 'admin']))
      .option('--model <id...>', 'The models that the key may submit to. (default: all)')
      .option(
        '--expires-in-days <days>',
        'The key ends after this time. (default: never)',
        parseWholeNumber(1, 36_500),
      ),
  );
}

async function toChanges({ name, scope, model, expiresInDays }: ChangeOptions, command: Command) {
  return {
    ...(name !== undefined && { name }),
    ...(scope && { scopes: [...new Set(scope)] }),
    ...(model && { modelIds: await toModelIds(model, loadCommandConfig(command)) }),
    ...(expiresInDays !== undefined && { expiresAt: systemClock.now() + expiresInDays * dayMs }),
  };
}

function createMissing(id: string): Error {
  return new Error(`There is no active key ${id}; "darkroom keys list" shows the keys.`);
}

/** Keys belong to the operator: these commands open the store directly, whether or not a server is running. */
async function withKeys(command: Command, work: (keys: KeyStore, config: Config) => Promise<void>): Promise<void> {
  const { openStore, createLogger } = await loadTools();
  const config = loadCommandConfig(command);
  const store = await openStore(config, createLogger('error'));
  try {
    await work(store.keys, config);
  } finally {
    await store.close();
  }
}

async function assertOrganizationId(id: string): Promise<void> {
  const { organizationIdSchema } = await import('@darkroom/protocol');
  const { error } = organizationIdSchema.safeParse(id);
  if (error) throw new Error(error.issues.map(({ message }) => `--organization ${message}.`).join(' '));
}

async function parseLimits(limits: GivenLimits = {}): Promise<GivenLimits> {
  const { limitsBodySchema } = await import('@darkroom/protocol');
  const { error } = limitsBodySchema.safeParse(limits);
  if (error)
    throw new Error(error.issues.map(({ path, message }) => `--limit ${path.join('.')} ${message}.`).join(' '));
  return limits;
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
