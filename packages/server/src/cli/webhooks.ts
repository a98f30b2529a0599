import type { WebhookEventChoice } from '@darkroom/client';
import type { DeliveryRecord, DeliveryStatus, EndpointRecord } from '@darkroom/protocol';
import { type Command, Option } from 'commander';
import { toShortCell, toTimeCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { toTable } from './table.ts';
import { parseWholeNumber } from './whole-number.ts';

export function registerWebhooks(program: Command): void {
  const webhooks = program.command('webhooks').description('Manage webhook endpoints, and see their deliveries.');
  registerEndpoints(webhooks.command('endpoints'));
  registerAdd(webhooks.command('add'));
  registerRemove(webhooks.command('remove'));
  registerPaused(webhooks.command('pause'), true);
  registerPaused(webhooks.command('resume'), false);
  registerTest(webhooks.command('test'));
  registerSecret(webhooks.command('secret'));
  registerRotate(webhooks.command('rotate'));
  registerDeliveries(webhooks.command('deliveries'));
  registerResend(webhooks.command('resend'));
}

interface Json {
  readonly json?: true;
}

function registerEndpoints(command: Command): void {
  command.description('List the endpoints, which receive the events of all requests.').option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ json }: Json) =>
    withConnection(command, async ({ client }) => {
      const { endpoints } = await client.webhooks.endpoints();
      if (json) return console.log(JSON.stringify(endpoints, null, 2));
      console.log(toTable(['ENDPOINT', 'URL', 'EVENTS', 'STATE'], endpoints.map(toEndpointRow)));
    }),
  );
}

function registerAdd(command: Command): void {
  command
    .description('Add an endpoint and print its secret.')
    .argument('<url>', 'Where webhooks are posted.')
    .option('--events <list>', 'The events to send, e.g. success,failed. (default: success,failed,cancelled)');
  addConnectionOptions(command).action((url: string, { events }: { readonly events?: string }) =>
    withConnection(command, async ({ client }) => {
      // The server refuses words that are not events, and lists the events.
      const chosen = events?.split(',').map((word) => word.trim() as WebhookEventChoice);
      const { id, secret } = await client.webhooks.create({ url, ...(chosen && { events: chosen }) });
      console.log(`Endpoint  ${id}\nSecret    ${secret}`);
    }),
  );
}

function registerRemove(command: Command): void {
  command
    .description('Remove an endpoint. Its pending deliveries are given up.')
    .argument('<endpoint>', 'The id of the endpoint.');
  addConnectionOptions(command).action((id: string) =>
    withConnection(command, async ({ client }) => {
      await client.webhooks.delete(id);
      console.log(`Removed ${id}.`);
    }),
  );
}

function registerPaused(command: Command, paused: boolean): void {
  const description = paused
    ? 'Pause an endpoint: its deliveries wait.'
    : 'Resume an endpoint: waiting deliveries are sent at once.';
  command.description(description).argument('<endpoint>', 'The id of the endpoint.');
  addConnectionOptions(command).action((id: string) =>
    withConnection(command, async ({ client }) => {
      await client.webhooks.update(id, { paused });
      console.log(`${paused ? 'Paused' : 'Resumed'} ${id}.`);
    }),
  );
}

function registerTest(command: Command): void {
  command.description('Send a test message to an endpoint.').argument('<endpoint>', 'The id of the endpoint.');
  addConnectionOptions(command).action((id: string) =>
    withConnection(command, async ({ client }) => {
      const { delivered, failure, http_status } = await client.webhooks.test(id);
      if (!delivered) throw new Error(failure ?? 'The receiver did not accept it.');
      console.log(`The receiver answered ${http_status}.`);
    }),
  );
}

const whoseSecret = 'The endpoint of the secret. (default: the secret that signs for the webhook_url of requests)';

function registerSecret(command: Command): void {
  command.description('Print a secret that signs webhooks.').argument('[endpoint]', whoseSecret);
  addConnectionOptions(command).action((id: string | undefined) =>
    withConnection(command, async ({ client }) => console.log((await client.webhooks.secret(id)).secret)),
  );
}

function registerRotate(command: Command): void {
  command
    .description('Create a new secret and print it. The old one also signs for 24 hours.')
    .argument('[endpoint]', whoseSecret);
  addConnectionOptions(command).action((id: string | undefined) =>
    withConnection(command, async ({ client }) => console.log((await client.webhooks.rotateSecret(id)).secret)),
  );
}

interface DeliveriesCommandOptions extends Json {
  readonly request?: string;
  readonly endpoint?: string;
  readonly status?: DeliveryStatus;
  readonly limit: number;
}

function registerDeliveries(command: Command): void {
  command
    .description('List past and pending deliveries, newest first.')
    .option('--request <id>', 'Only deliveries about this request.')
    .option('--endpoint <id>', 'Only deliveries to this endpoint.')
    .addOption(
      new Option('--status <status>', 'Only deliveries with this status.').choices([
        'pending',
        'delivered',
        'failed',
      ] satisfies DeliveryStatus[]),
    )
    .option('--limit <number>', 'How many to show, 1 to 100.', parseWholeNumber(1, 100), 20)
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ request, endpoint, status, limit, json }: DeliveriesCommandOptions) =>
    withConnection(command, async ({ client }) => {
      const { deliveries, has_more } = await client.webhooks.deliveries({
        ...(request !== undefined && { requestId: request }),
        ...(endpoint !== undefined && { endpointId: endpoint }),
        ...(status && { status }),
        limit,
      });
      if (json) return console.log(JSON.stringify(deliveries, null, 2));
      console.log(
        toTable(['DELIVERY', 'REQUEST', 'EVENT', 'STATUS', 'TRIES', 'NEXT', 'LAST TRY'], deliveries.map(toDeliveryRow)),
      );
      if (has_more) console.log('\nThere are more; --limit shows up to 100.');
    }),
  );
}

function registerResend(command: Command): void {
  command
    .description('Send deliveries again at once, whatever their status.')
    .argument('<delivery...>', 'The ids of the deliveries.');
  addConnectionOptions(command).action((ids: readonly string[]) =>
    withConnection(command, async ({ client }) => {
      for (const id of ids) {
        const { url } = await client.webhooks.resend(id);
        console.log(`Sending ${id} again to ${url}`);
      }
    }),
  );
}

function toEndpointRow({ id, url, events, paused_at, pause_reason, failures }: EndpointRecord): string[] {
  const words = events.map((event) => event.slice('request.'.length)).join(',');
  if (paused_at !== null) return [id, url, words, `paused: ${pause_reason ?? ''}`];
  return [id, url, words, failures === 0 ? 'open' : `open, ${failures} failures in a row`];
}

function toDeliveryRow(delivery: DeliveryRecord): string[] {
  const { id, request_id, event, status, tries, next_at, last_try } = delivery;
  const next = next_at === null ? '' : toTimeCell(next_at * 1_000);
  return [id, request_id, event, status, String(tries), next, toShortCell(toTryCell(last_try))];
}

function toTryCell(tried: DeliveryRecord['last_try']): string {
  if (tried === null) return '';
  return tried.failure ?? `answered ${tried.http_status}`;
}
