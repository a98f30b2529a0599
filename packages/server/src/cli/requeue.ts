import type { RequeueSelection } from '@darkroom/client';
import type { Command } from 'commander';
import { addConnectionOptions, withConnection } from './connect.ts';

interface RequeueCommandOptions {
  readonly code?: string;
  readonly all?: true;
  readonly organization?: string;
}

export function registerRequeue(program: Command): void {
  const command = program
    .command('requeue')
    .description('Queue failed or cancelled requests again. Pictures they already have are kept. Takes an admin key.')
    .argument('[id...]', 'The requests to queue again.')
    .option('--code <code>', 'All requests that failed with this code.')
    .option('--all', 'All failed requests.')
    .option('--organization <id>', 'With --code or --all: only requests of this organization.');
  addConnectionOptions(command).action((ids: readonly string[], options: RequeueCommandOptions) => {
    const selection = toSelection(ids, options);
    return withConnection(command, async ({ admin }) => {
      const { requeued, skipped = [] } = await admin.requeue(selection);
      console.log(`${requeued} queued again`);
      for (const id of skipped) console.log(`${id} is neither failed nor cancelled, or does not exist`);
    });
  });
}

function toSelection(ids: readonly string[], { code, all, organization }: RequeueCommandOptions): RequeueSelection {
  if (Number(ids.length > 0) + Number(code !== undefined) + Number(all === true) !== 1)
    throw new Error('Name the requests: their ids, or --code CODE, or --all.');
  if (ids.length > 0) {
    if (organization !== undefined) throw new Error('--organization can only be used with --code or --all.');
    return { requestIds: ids };
  }
  const only = organization === undefined ? {} : { organizationId: organization };
  return code === undefined ? { all: true, ...only } : { code, ...only };
}
