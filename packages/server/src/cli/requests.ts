import type { RequestRecord, RequestStatus } from '@darkroom/protocol';
import { requestStatuses } from '@darkroom/protocol/statuses';
import { type Command, Option } from 'commander';
import { toDollarCell, toShortCell, toTimeCell } from './cells.ts';
import { addConnectionOptions, type Connection, withConnection } from './connect.ts';
import { toTable } from './table.ts';
import { parseTime } from './time-option.ts';
import { parseWholeNumber } from './whole-number.ts';

interface RequestsOptions {
  readonly status?: RequestStatus;
  readonly model?: string;
  readonly text?: string;
  readonly from?: number;
  readonly before?: number;
  readonly limit: number;
  readonly json?: true;
}

export function registerRequests(program: Command): void {
  const command = program
    .command('requests')
    .description('List the requests, or show one.')
    .argument('[id]', 'The request to show.')
    .addOption(new Option('--status <status>', 'Only requests with this status.').choices(requestStatuses))
    .option('--model <id>', 'Only requests for this model.')
    .option('--text <text>', 'Only requests whose prompt contains this text; upper and lower case are the same.')
    .option(
      '--from <time>',
      'Only requests made at this time or later: YYYY-MM-DD in UTC, or as 2026-11-22T14:30Z.',
      parseTime,
    )
    .option('--before <time>', 'Only requests made before this time.', parseTime)
    .option('--limit <number>', 'How many to show, 1 to 100.', parseWholeNumber(1, 100), 20)
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action((id: string | undefined, options: RequestsOptions) =>
    withConnection(command, (connection) => showRequests(connection, id, options)),
  );
}

async function showRequests({ client }: Connection, id: string | undefined, options: RequestsOptions): Promise<void> {
  if (id !== undefined) return console.log(JSON.stringify(await client.status(id), null, 2));
  const { requests, total, isEnd } = await readRequests(client, options);
  if (options.json) return console.log(JSON.stringify(requests, null, 2));
  console.log(toRequestTable(requests));
  if (!isEnd) console.log(`\n${requests.length}${isCounted(options) ? ` of ${total}` : ', and there may be more'}`);
}

/** A search may need several calls to find enough requests. */
async function readRequests(client: Connection['client'], { from, before, limit, ...filters }: RequestsOptions) {
  const dates = {
    ...(from !== undefined && { createdFrom: from }),
    ...(before !== undefined && { createdBefore: before }),
  };
  const requests: RequestRecord[] = [];
  for (let rest = {}; ; ) {
    const page = await client.list({ ...filters, ...dates, ...rest, limit: limit - requests.length });
    requests.push(...page.requests);
    const { total, next_cursor: cursor } = page;
    const isEnd = cursor === undefined;
    if (isEnd || requests.length >= limit) return { requests, total, isEnd };
    rest = { cursor };
  }
}

/** Whether the total is exact: it does not consider text and dates. */
function isCounted({ text, from, before }: RequestsOptions): boolean {
  return text === undefined && from === undefined && before === undefined;
}

/** The wires are shown only when some requests came by another one than the queue's. */
function toRequestTable(requests: readonly RequestRecord[]): string {
  const hasWires = requests.some(({ wire }) => wire !== 'queue');
  const headings = ['REQUEST', 'STATUS', 'CREATED', 'COST', 'MODEL', ...(hasWires ? ['WIRE'] : []), 'PROMPT'];
  return toTable(
    headings,
    requests.map((record) => toRow(record, hasWires)),
  );
}

function toRow({ request_id, status, queue, created_at, model, payload, ...record }: RequestRecord, hasWires: boolean) {
  const isOpen = status === 'queued' || status === 'processing';
  return [
    request_id,
    queue ? `${status}: ${waitingWords[queue.waiting_for]}` : status,
    toTimeCell(created_at * 1_000),
    isOpen ? `about ${toDollarCell(record.estimated_cost_usd)}` : toDollarCell(record.cost_usd),
    model,
    ...(hasWires ? [record.wire] : []),
    toShortCell(typeof payload['prompt'] === 'string' ? payload['prompt'] : ''),
  ];
}

const waitingWords: Readonly<Record<NonNullable<RequestRecord['queue']>['waiting_for'], string>> = {
  turn: 'waiting its turn',
  retry: 'waiting for its next attempt',
  upstream: 'the upstream is resting',
  limit: 'the upstream is at its limit',
  operator: 'paused',
};
