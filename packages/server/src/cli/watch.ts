import type { StatusEventRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { toTimeCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { untilInterrupted } from './interrupt.ts';

interface WatchOptions {
  readonly after?: string;
  readonly json?: true;
}

export function registerWatch(program: Command): void {
  const command = program
    .command('watch')
    .description('Show what happens to the requests of the organization as it happens, until Ctrl-C.')
    .option('--after <event>', 'Start after this event, e.g. 0 for every event that is kept. (default: now)')
    .option('--json', 'Print one JSON object per line.');
  addConnectionOptions(command).action(({ after, json }: WatchOptions) =>
    withConnection(command, async ({ client, url }) => {
      console.error(`Watching ${url}. Press Ctrl-C to stop.`);
      await untilInterrupted(async (signal) => {
        const events = client.watch({ signal, ...(after !== undefined && { lastEventId: after }) });
        for await (const { data, lastEventId } of events)
          console.log(json ? JSON.stringify({ event_id: lastEventId, ...data }) : toLine(data));
      });
    }),
  );
}

function toLine({ at, request_id, status, ...facts }: StatusEventRecord): string {
  return [toTimeCell(at * 1_000), request_id, status.padEnd(10), toWords({ status, ...facts })].join('  ').trimEnd();
}

function toWords({
  moment,
  attempt,
  upstream,
  pictures,
  message,
}: Omit<StatusEventRecord, 'at' | 'request_id'>): string {
  switch (moment) {
    case 'claimed':
      return `attempt ${attempt} at ${upstream}`;
    case 'succeeded':
      return pictures === 1 ? '1 picture' : `${pictures} pictures`;
    case 'returned':
      return 'its worker returned it to the queue';
    default:
      return message ?? '';
  }
}
