import type { Command } from 'commander';
import { addConnectionOptions, withConnection } from './connect.ts';

export function registerCancel(program: Command): void {
  const command = program
    .command('cancel')
    .description(
      'Cancel requests that have not ended. Upstream calls under way are completed, because they are already paid for.',
    )
    .argument('<id...>', 'The requests to cancel.');
  addConnectionOptions(command).action((ids: readonly string[]) =>
    withConnection(command, async ({ client }) => {
      for (const id of ids) {
        const { status } = await client.cancel(id);
        console.log(status === 'cancelled' ? `${id} cancelled` : `${id} had already ended: ${status}`);
      }
    }),
  );
}
