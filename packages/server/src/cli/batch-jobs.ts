import type { BatchJobRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { toTimeCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { toTable } from './table.ts';

const headings = ['JOB', 'UPSTREAM', 'MODEL', 'STATE', 'CALLS', 'OPEN', 'BEGUN', 'ENDED', 'WHY'];

export function registerBatchJobs(program: Command): void {
  const command = program
    .command('batch-jobs')
    .description(
      'Show the jobs in which requests of the batch tier wait at the upstreams. Takes an admin key. Many prompts from a file: see batch.',
    )
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ json }: { readonly json?: true }) =>
    withConnection(command, async ({ admin }) => {
      const { batch_jobs: jobs } = await admin.batchJobs();
      console.log(json ? JSON.stringify(jobs, null, 2) : toTable(headings, jobs.map(toRow)));
    }),
  );
}

function toRow({ id, upstream, model, state, calls, open, created_at, ended_at, message }: BatchJobRecord): string[] {
  return [
    id,
    upstream,
    model,
    state,
    String(calls),
    String(open),
    toTimeCell(created_at * 1_000),
    ended_at === null ? '' : toTimeCell(ended_at * 1_000),
    message ?? '',
  ];
}
