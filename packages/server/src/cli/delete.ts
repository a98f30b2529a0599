import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { addConnectionOptions, type Connection, withConnection } from './connect.ts';

interface DeleteOptions {
  readonly upload?: readonly string[];
  readonly organization?: string;
  readonly yes?: true;
}

export function registerDelete(program: Command): void {
  const command = program
    .command('delete')
    .description(
      'Delete ended requests with their pictures, uploads, or everything of an organization. Nothing comes back.',
    )
    .argument('[id...]', 'The requests to delete. One that has not ended is refused: cancel it first.')
    .option('--upload <url...>', 'Uploads to delete, by their URLs or names.')
    .option('--organization <id>', 'Everything that this organization has sent and made. Takes an admin key.')
    .option('--yes', 'Do not ask first.');
  addConnectionOptions(command).action(async (ids: readonly string[], options: DeleteOptions) => {
    const { upload: uploads = [], organization, yes } = options;
    if (ids.length + uploads.length + Number(organization !== undefined) === 0)
      throw new Error('Say what to delete: ids of requests, --upload URL, or --organization ID.');
    await withConnection(command, async (connection) => {
      if (!yes && !(await confirm(describe(ids, options)))) return console.log('Nothing was deleted.');
      for (const id of ids) await deleteRequest(connection, id);
      for (const upload of uploads) {
        await connection.client.deleteUpload(upload);
        console.log(`${upload} deleted`);
      }
      if (organization !== undefined) await deleteOrganization(connection, organization);
    });
  });
}

function describe(ids: readonly string[], { upload = [], organization }: DeleteOptions): string {
  return [
    ...(ids.length > 0 ? [`${ids.length === 1 ? 'the request' : `${ids.length} requests`} with all pictures`] : []),
    ...(upload.length > 0 ? [upload.length === 1 ? 'the upload' : `${upload.length} uploads`] : []),
    ...(organization === undefined ? [] : [`everything of the organization ${organization}`]),
  ].join(', ');
}

async function confirm(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error(`Add --yes to delete ${what}.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Delete ${what}? Nothing comes back. [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function deleteRequest({ client }: Connection, id: string): Promise<void> {
  const { status } = await client.delete(id);
  console.log(`${id} deleted (it had ended as ${status})`);
}

/** Calls that are under way may take minutes; what is left then is deleted by the same command again. */
const mostPauses = 30;

async function deleteOrganization({ admin }: Connection, id: string): Promise<void> {
  const sum = { requests: 0, uploads: 0 };
  for (let pauses = 0; pauses < mostPauses; ) {
    const { requests, uploads, is_complete: isComplete } = await admin.deleteContent(id);
    sum.requests += requests;
    sum.uploads += uploads;
    if (isComplete) return console.log(`${id}: ${sum.requests} requests and ${sum.uploads} uploads deleted`);
    if (requests + uploads > 0) continue;
    await sleep(1_000);
    pauses += 1;
  }
  throw new Error(
    `${sum.requests} requests and ${sum.uploads} uploads were deleted. Others have a call under way: delete again when it has ended.`,
  );
}
