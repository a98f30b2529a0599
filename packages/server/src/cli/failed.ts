import type { RequestRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { toShortCell, toTimeCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { toTable } from './table.ts';
import { parseWholeNumber } from './whole-number.ts';

interface FailedCommandOptions {
  readonly code?: string;
  readonly organization?: string;
  readonly limit: number;
  readonly json?: true;
}

export function registerFailed(program: Command): void {
  const command = program
    .command('failed')
    .description('List the failed requests of all organizations, newest first. Takes an admin key.')
    .option('--code <code>', 'Only requests that failed with this code.')
    .option('--organization <id>', 'Only requests of this organization.')
    .option('--limit <number>', 'How many to show, 1 to 100.', parseWholeNumber(1, 100), 20)
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ code, organization, limit, json }: FailedCommandOptions) =>
    withConnection(command, async ({ admin }) => {
      const { requests, has_more } = await admin.failed({
        ...(code !== undefined && { code }),
        ...(organization !== undefined && { organizationId: organization }),
        limit,
      });
      if (json) return console.log(JSON.stringify(requests, null, 2));
      console.log(toTable(['REQUEST', 'ORGANIZATION', 'ENDED', 'CODE', 'WHY'], requests.map(toRow)));
      if (has_more) console.log('\nThere are more; --limit shows up to 100.');
    }),
  );
}

function toRow({ request_id, org_id, updated_at, outcome, error = '' }: RequestRecord): string[] {
  const code = outcome && 'error' in outcome ? toCode(outcome.error) : '';
  return [request_id, org_id, toTimeCell(updated_at * 1_000), code, toShortCell(error)];
}

/** Outcomes may have further keys, so `error` alone does not tell a failure from a success. */
function toCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
