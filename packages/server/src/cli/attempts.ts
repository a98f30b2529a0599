import type { AttemptRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { toDollarCell, toShortCell, toTimeCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { toTable } from './table.ts';

const headings = ['TRY', 'IMAGE', 'UPSTREAM', 'SENT', 'TOOK', 'RESULT', 'COST', 'WHY'];

export function registerAttempts(program: Command): void {
  const command = program
    .command('attempts')
    .description('Show every attempt at a request, with its cost.')
    .argument('<id>', 'The request.')
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action((id: string, { json }: { readonly json?: true }) =>
    withConnection(command, async ({ client }) => {
      const { attempts } = await client.attempts(id);
      console.log(json ? JSON.stringify(attempts, null, 2) : toTable(headings, attempts.map(toRow)));
    }),
  );
}

function toRow(attempt: AttemptRecord): string[] {
  const { number, image, upstream, stand_in, sent_at, ended_at, result, failure } = attempt;
  const took = sent_at !== null && ended_at !== null ? `${(ended_at - sent_at).toFixed(1)} s` : '';
  return [
    String(number),
    String(image + 1),
    stand_in ? `${upstream} (${stand_in.model})` : upstream,
    sent_at === null ? 'no' : toTimeCell(sent_at * 1_000),
    took,
    result ?? 'under way',
    toCostCell(attempt),
    failure ? toShortCell(`${failure.code}: ${failure.upstream_message ?? failure.message}`) : '',
  ];
}

function toCostCell({ cost_usd, would_cost_usd, possibly_billed }: AttemptRecord): string {
  if (would_cost_usd !== undefined) return `$0 (would be ${toDollarCell(would_cost_usd)})`;
  return possibly_billed ? 'unknown' : toDollarCell(cost_usd);
}
