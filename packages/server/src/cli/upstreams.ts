import type { UpstreamRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { toDollarCell, toTimeCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { toTable } from './table.ts';

const headings = ['UPSTREAM', 'MODEL', 'STATE', 'CALLS', 'LAST MINUTE', 'LAST 10 MINUTES', 'WHY'];

export function registerUpstreams(program: Command): void {
  const command = program
    .command('upstreams')
    .description('Show what every upstream is doing, and why it is resting. Takes an admin key.')
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ json }: { readonly json?: true }) =>
    withConnection(command, async ({ admin }) => {
      const { upstreams } = await admin.upstreams();
      console.log(json ? JSON.stringify(upstreams, null, 2) : toTable(headings, upstreams.map(toRow)));
    }),
  );
}

function toRow(report: UpstreamRecord): string[] {
  const { upstream, model, under_way, concurrency, last_minute, last_ten_minutes_usd, message, until, limits } = report;
  return [
    upstream,
    model,
    toState(report),
    toShare(String(under_way), concurrency?.toString()),
    toShare(String(last_minute), limits.requests_per_minute?.toString()),
    toShare(
      toDollarCell(last_ten_minutes_usd),
      limits.usd_per_ten_minutes === undefined ? undefined : toDollarCell(limits.usd_per_ten_minutes),
    ),
    `${message ?? ''}${until === null ? '' : ` Until ${toTimeCell(until * 1_000)}.`}`.trim(),
  ];
}

function toState({ is_open, is_probed, reason }: UpstreamRecord): string {
  if (!is_open) return reason === 'operator' ? 'paused' : reason === 'limit' ? 'at its limit' : 'resting';
  return is_probed ? 'being probed' : 'open';
}

function toShare(used: string, limit: string | undefined): string {
  return limit === undefined ? used : `${used} of ${limit}`;
}
