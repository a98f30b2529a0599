import type { AuditFilter } from '@darkroom/client';
import type { AuditAction, AuditEntryRecord } from '@darkroom/protocol';
import { auditActions } from '@darkroom/protocol/audit-actions';
import { type Command, Option } from 'commander';
import { toShortCell, toTimeCell } from './cells.ts';
import { addConnectionOptions, type Connection, withConnection } from './connect.ts';
import { toTable } from './table.ts';
import { parseTime } from './time-option.ts';
import { parseWholeNumber } from './whole-number.ts';

interface AuditCommandOptions {
  readonly by?: string;
  readonly action?: AuditAction;
  readonly target?: string;
  readonly organization?: string;
  readonly from?: number;
  readonly before?: number;
  readonly limit: number;
  readonly json?: true;
  readonly jsonl?: true;
}

export function registerAudit(program: Command): void {
  const command = program
    .command('audit')
    .description('Show who changed what: the audit log, newest first. Takes an admin key.')
    .option('--by <id>', 'Only what this key, person or user did: the id in brackets.')
    .addOption(new Option('--action <action>', 'Only this action.').choices(Object.keys(auditActions)))
    .option('--target <id>', 'Only what was done to this key, organization, upstream, …')
    .option('--organization <id>', 'Only what concerns this organization.')
    .option(
      '--from <time>',
      'Only what was done at this time or later: YYYY-MM-DD in UTC, or as 2026-11-22T14:30Z.',
      parseTime,
    )
    .option('--before <time>', 'Only what was done before this time.', parseTime)
    .option('--limit <number>', 'How many to show, 1 to 100.', parseWholeNumber(1, 100), 20)
    .addOption(new Option('--json', 'Print JSON.').conflicts('jsonl'))
    .option('--jsonl', 'Print all entries that match, however many, each as a line of JSON.');
  addConnectionOptions(command).action((options: AuditCommandOptions) =>
    withConnection(command, ({ admin }) => (options.jsonl ? exportAll(admin, options) : show(admin, options))),
  );
}

type Admin = Connection['admin'];

async function exportAll(admin: Admin, options: AuditCommandOptions): Promise<void> {
  for await (const entry of admin.exportAudit(toFilter(options))) console.log(JSON.stringify(entry));
}

async function show(admin: Admin, options: AuditCommandOptions): Promise<void> {
  const { entries, has_more } = await admin.audit({ ...toFilter(options), limit: options.limit });
  if (options.json) return console.log(JSON.stringify(entries, null, 2));
  console.log(toTable(['TIME', 'BY', 'FROM', 'ACTION', 'TARGET', 'BEFORE → AFTER'], entries.map(toRow)));
  if (has_more) console.log('\nThere are more; --limit shows up to 100, and --jsonl prints all.');
}

function toFilter({ by, action, target, organization, from, before }: AuditCommandOptions): AuditFilter {
  return {
    ...(by !== undefined && { by }),
    ...(action !== undefined && { action }),
    ...(target !== undefined && { target }),
    ...(organization !== undefined && { organizationId: organization }),
    ...(from !== undefined && { from }),
    ...(before !== undefined && { before }),
  };
}

function toRow({ at, by, action, target, before, after }: AuditEntryRecord): string[] {
  const change = toShortCell(describeChange(before, after));
  return [toTimeCell(at * 1_000), `${by.name} (${by.id})`, by.address ?? '', action, target, change];
}

type Facts = AuditEntryRecord['before'];

/** `name: Gallery → Robot, limits: …`; only what differs. */
function describeChange(before: Facts, after: Facts): string {
  const toText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.keys({ ...before, ...after })
    .filter((name) => !before || !after || JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => {
      const values = [before, after].flatMap((facts) => (facts?.[name] === undefined ? [] : [toText(facts[name])]));
      return `${name}: ${values.join(' → ')}`;
    })
    .join(', ');
}
