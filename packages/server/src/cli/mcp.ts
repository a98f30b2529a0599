import type { Command } from 'commander';
import { addConnectionOptions, withOwnConnection } from './connect.ts';

export function registerMcp(program: Command): void {
  const command = program
    .command('mcp')
    .description(
      'Serve the Model Context Protocol on standard input and output, for hosts that start programs. Calls go to a Darkroom; pictures may be files of this computer.',
    )
    .option('--save-to <folder>', 'Save every picture in this folder, unless a call names another.');
  addConnectionOptions(command).action(({ saveTo }: { readonly saveTo?: string }) =>
    withOwnConnection(command, async (connection) => {
      // With the library, which only this command needs.
      const { serveMcp } = await import('./mcp-proxy.ts');
      await serveMcp(connection, saveTo);
    }),
  );
}
