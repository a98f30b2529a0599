import type { UsageGroup, UsageReport } from '@darkroom/protocol';
import { type Command, Option } from 'commander';
import { toDollarCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { toTable } from './table.ts';

interface UsageCommandOptions {
  readonly from?: string;
  readonly to?: string;
  readonly by?: UsageGroup;
  readonly json?: true;
}

const headings = ['DAY', 'MODEL', 'KEY', 'SUCCESS', 'FAILED', 'CANCELLED', 'PICTURES', 'COST'];

export function registerUsage(program: Command): void {
  const command = program
    .command('usage')
    .description('Show what was spent, by day, model and key.')
    .option('--from <day>', 'The first day, YYYY-MM-DD in UTC. (default: the first of the month)')
    .option('--to <day>', 'The last day, inclusive. (default: today)')
    .addOption(
      new Option('--by <what>', 'Group the totals by this only.').choices([
        'day',
        'model',
        'key',
      ] satisfies UsageGroup[]),
    )
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ from, to, by, json }: UsageCommandOptions) =>
    withConnection(command, async ({ client }) => {
      const report = await client.usage({
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(by !== undefined && { groupBy: by }),
      });
      console.log(json ? JSON.stringify(report, null, 2) : toUsageTable(report));
    }),
  );
}

function toUsageTable({ from, to, rows, total }: UsageReport): string {
  const cells = rows.map((row) => [row.day ?? '', row.model ?? '', row.user_id ?? '', ...toSums(row)]);
  const table = toTable(headings, [...cells, ['total', '', '', ...toSums(total)]]);
  const note = total.pictures > 0 && total.cost_usd === 0 ? '\n\nPictures from the sandbox are free.' : '';
  return `${from} to ${to}\n\n${table}${note}`;
}

function toSums({ success, failed, cancelled, pictures, cost_usd }: UsageReport['total']): string[] {
  return [...[success, failed, cancelled, pictures].map(String), toDollarCell(cost_usd)];
}
