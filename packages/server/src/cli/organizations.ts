import { groupDigits, type OrganizationRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { toTimeCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { addLimitOption, type GivenLimits, toLimitsCell } from './limit-options.ts';
import { toTable } from './table.ts';

const headings = ['ORGANIZATION', 'NAME', 'STORED', 'LIMITS', 'CREATED', 'SUSPENDED'];

export function registerOrganizations(program: Command): void {
  const organizations = program
    .command('organizations')
    .description('Make, change, suspend and remove organizations. Takes an admin key.');
  registerList(organizations.command('list'));
  registerCreate(organizations.command('create'));
  registerChange(organizations.command('change'));
  registerSuspend(organizations.command('suspend'));
  registerResume(organizations.command('resume'));
  registerRemove(organizations.command('remove'));
}

function registerList(command: Command): void {
  command.description('List the organizations.').option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ json }: { readonly json?: true }) =>
    withConnection(command, async ({ admin }) => {
      const { organizations } = await admin.organizations();
      console.log(json ? JSON.stringify(organizations, null, 2) : toTable(headings, organizations.map(toRow)));
    }),
  );
}

interface Given {
  readonly name?: string;
  readonly limit?: GivenLimits;
}

function registerCreate(command: Command): void {
  addId(command.description('Make an organization.')).option('--name <name>', 'For people. (default: its id)');
  addConnectionOptions(addLimitOption(command)).action((id: string, { name, limit: limits }: Given) =>
    withConnection(command, async ({ admin }) => {
      print(await admin.createOrganization({ id, ...(name !== undefined && { name }), ...(limits && { limits }) }));
    }),
  );
}

function registerChange(command: Command): void {
  addId(command.description('Rename an organization, or change its limits.')).option('--name <name>', 'For people.');
  addConnectionOptions(addLimitOption(command)).action((id: string, { name, limit: limits }: Given) =>
    withConnection(command, async ({ admin }) => {
      print(await admin.changeOrganization(id, { ...(name !== undefined && { name }), ...(limits && { limits }) }));
    }),
  );
}

function registerSuspend(command: Command): void {
  addId(command.description('Refuse the keys of an organization and begin none of its requests, until it is resumed.'));
  addConnectionOptions(command).action((id: string) =>
    withConnection(command, async ({ admin }) => print(await admin.suspendOrganization(id))),
  );
}

function registerResume(command: Command): void {
  addId(command.description('End the suspension of an organization.'));
  addConnectionOptions(command).action((id: string) =>
    withConnection(command, async ({ admin }) => print(await admin.resumeOrganization(id))),
  );
}

function registerRemove(command: Command): void {
  addId(command.description('Remove an organization that has no requests and no pictures.')).option(
    '--content',
    'Delete everything that it has sent and made first. This cannot be undone.',
  );
  addConnectionOptions(command).action((id: string, { content }: { readonly content?: true }) =>
    withConnection(command, async ({ admin }) => {
      while (content && !(await admin.deleteContent(id)).is_complete);
      await admin.removeOrganization(id);
      console.log(`Removed ${id}.`);
    }),
  );
}

function addId(command: Command): Command {
  return command.argument('<id>', 'The id of the organization.');
}

function print(organization: OrganizationRecord): void {
  console.log(toTable(headings, [toRow(organization)]));
}

function toRow({ id, name, stored_bytes: stored, limits, created_at, suspended_at }: OrganizationRecord): string[] {
  const suspended = suspended_at === null ? '' : toTimeCell(suspended_at * 1_000);
  return [id, name, groupDigits(stored), toLimitsCell(limits), toTimeCell(created_at * 1_000), suspended];
}
