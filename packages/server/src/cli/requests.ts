import { type RequestRecord, type RequestStatus, requestStatuses } from '@darkroom/protocol';
import { type Command, Option } from 'commander';
import { addConnectionOptions, connect } from './connect.ts';
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
    showRequests(command, id, options),
  );
}

async function showRequests(command: Command, id: string | undefined, options: RequestsOptions): Promise<void> {
  const { client, close } = await connect(command);
  try {
    if (id !== undefined) return console.log(JSON.stringify(await client.status(id), null, 2));
    const { requests, total } = await client.list(options);
    if (options.json) return console.log(JSON.stringify(requests, null, 2));
    console.log(toTable(['REQUEST', 'STATUS', 'CREATED', 'MODEL', 'PROMPT'], requests.map(toRow)));
    if (total > requests.length) console.log(`\n${requests.length} of ${total}`);
  } finally {
    await close();
  }
}

function toRow({ request_id, status, created_at, model, payload }: RequestRecord): string[] {
  const prompt = typeof payload['prompt'] === 'string' ? payload['prompt'] : '';
  const shown = prompt.length > 60 ? `${prompt.slice(0, 59)}…` : prompt;
  return [request_id, status, new Date(created_at * 1_000).toISOString().slice(0, 19).replace('T', ' '), model, shown];
}
