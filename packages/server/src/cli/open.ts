import { spawn } from 'node:child_process';
import type { RequestRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { addConnectionOptions, type Connection, withConnection } from './connect.ts';

interface OpenOptions {
  readonly print?: true;
}

export function registerOpen(program: Command): void {
  const command = program
    .command('open')
    .description('Open the pictures of a request in the browser, or the console.')
    .argument('[id]', 'The request whose pictures to show. (default: the console)')
    .option('--print', 'Only print the addresses.');
  addConnectionOptions(command).action((id: string | undefined, { print }: OpenOptions) =>
    withConnection(command, async (connection) => {
      for (const url of await findAddresses(connection, id)) {
        console.log(url);
        if (!print) openInBrowser(url);
      }
    }),
  );
}

async function findAddresses({ client, url }: Connection, id: string | undefined): Promise<readonly string[]> {
  if (id === undefined) return [url];
  const record = await client.status(id);
  if (record.status !== 'success') throw new Error(`${id} has no picture: ${toReason(record)}`);
  const { media_urls } = record.outcome as SuccessOutcomeRecord; // the wire gives a success this outcome
  return media_urls.map((media) => media.url);
}

function toReason({ status, error }: RequestRecord): string {
  return error ?? `it is ${status}`;
}

/** The program that opens an address on each system. It gets the address as an argument, without a shell to interpret it. */
const openers: Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** A machine without a browser is not an error, because the address is printed as well. */
function openInBrowser(url: string): void {
  if (!/^https?:\/\//.test(url)) return;
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  spawn(command, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
