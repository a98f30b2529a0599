import type { SessionRecord } from '@darkroom/protocol';
import type { Command } from 'commander';
import { toTimeCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { toTable } from './table.ts';
import { parseWholeNumber } from './whole-number.ts';

const headings = ['SESSION', 'PERSON', 'SIGNED IN', 'LAST SEEN', 'ENDS', 'ADDRESS'];

export function registerSessions(program: Command): void {
  const sessions = program
    .command('sessions')
    .description('See and end the sessions of people in the console. Takes an admin key.');
  registerList(sessions.command('list'));
  registerEnd(sessions.command('end'));
}

interface Given {
  readonly limit: number;
  readonly json?: true;
}

function registerList(command: Command): void {
  command
    .description('List the sessions, the last sign-ins first.')
    .option('--limit <count>', 'At most this many.', parseWholeNumber(1, 100), 50)
    .option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ limit, json }: Given) =>
    withConnection(command, async ({ admin }) => {
      const { sessions } = await admin.sessions({ limit });
      console.log(json ? JSON.stringify(sessions, null, 2) : toTable(headings, sessions.map(toRow)));
    }),
  );
}

function registerEnd(command: Command): void {
  command.description('End a session. The person can sign in again.').argument('<id>', 'The id of the session.');
  addConnectionOptions(command).action((id: string) =>
    withConnection(command, async ({ admin }) => {
      await admin.endSession(id);
      console.log(`The session ${id} has ended.`);
    }),
  );
}

function toRow(session: SessionRecord): readonly string[] {
  const { id, name, created_at: createdAt, last_seen_at: seenAt, ends_at: endsAt, address } = session;
  const end = session.is_active ? toTimeCell(endsAt * 1_000) : `ended ${toTimeCell(endsAt * 1_000)}`;
  return [id, name, toTimeCell(createdAt * 1_000), toTimeCell(seenAt * 1_000), end, address];
}
