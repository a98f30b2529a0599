import { type RequestRecord, type RequestStatus, requestStatuses } from '@darkroom/protocol';
import { type Command, Option } from 'commander';
import { toDollarCell, toShortCell, toTimeCell } from './cells.ts';
import { addConnectionOptions, type Connection, withConnection } from './connect.ts';
import { toTable } from './table.ts';
import { parseWholeNumber } from './whole-number.ts';

interface RequestsOptions {
  readonly status?: RequestStatus;
  readonly model?: string;
  readonly limit: number;
  readonly json?: true;
}

export function registerRequests(program: Command): void {
  const command = program
    .command('requests')
    .description('List the requests, or show one.')
    .argument('[id]', 'The request to show.')
    .addOption(new Option('--status <status>', 'Only those of this status.').choices(requestStatuses))
    .option('--model <id>', 'Only those of this model.')
    .option('--limit <number>', 'How many, 1 to 100.', parseWholeNumber(1, 100), 20)
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action((id: string | undefined, options: RequestsOptions) =>
    withConnection(command, (connection) => showRequests(connection, id, options)),
  );
}

async function showRequests({ client }: Connection, id: string | undefined, options: RequestsOptions): Promise<void> {
  if (id !== undefined) return console.log(JSON.stringify(await client.status(id), null, 2));
  const { requests, total } = await client.list(options);
  if (options.json) return console.log(JSON.stringify(requests, null, 2));
  console.log(toTable(['REQUEST', 'STATUS', 'CREATED', 'COST', 'MODEL', 'PROMPT'], requests.map(toRow)));
  if (total > requests.length) console.log(`\n${requests.length} of ${total}`);
}

function toRow({ request_id, status, queue, created_at, model, payload, ...record }: RequestRecord): string[] {
  const isOpen = status === 'queued' || status === 'processing';
  return [
    request_id,
    queue ? `${status}: ${waitingWords[queue.waiting_for]}` : status,
    toTimeCell(created_at * 1_000),
    isOpen ? `about ${toDollarCell(record.estimated_cost_usd)}` : toDollarCell(record.cost_usd),
    model,
    toShortCell(typeof payload['prompt'] === 'string' ? payload['prompt'] : ''),
  ];
}

const waitingWords: Readonly<Record<NonNullable<RequestRecord['queue']>['waiting_for'], string>> = {
  turn: 'waits its turn',
  retry: 'waits for its next try',
  upstream: 'the upstream rests',
  limit: 'the upstream is at its limits',
  operator: 'paused',
};
