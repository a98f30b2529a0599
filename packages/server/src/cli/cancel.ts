import type { Command } from 'commander';
import { addConnectionOptions, withConnection } from './connect.ts';

export function registerCancel(program: Command): void {
  const command = program
    .command('cancel')
    .description('Cancel requests that have not ended. Calls under way run to their end, since they are paid.')
    .argument('<id...>', 'The requests to cancel.');
  addConnectionOptions(command).action((ids: readonly string[]) =>
    withConnection(command, async ({ client }) => {
      for (const id of ids) {
        const { status } = await client.cancel(id);
        console.log(status === 'cancelled' ? `${id} cancelled` : `${id} had ended already: ${status}`);
      }
    }),
  );
}
