import type { Pausable } from '@darkroom/client';
import { Argument, type Command } from 'commander';
import { addConnectionOptions, withConnection } from './connect.ts';

export function registerPause(program: Command): void {
  const command = addPausable(program.command('pause')).description(
    'Make no call of an upstream or a model until it is resumed; calls under way go on. Takes an admin key.',
  );
  addConnectionOptions(command).action((kind: Pausable['kind'], name: string) =>
    withConnection(command, async ({ admin }) => {
      await admin.pause({ kind, name });
      console.log(`Paused ${kind} ${name}. Requests wait until: darkroom resume ${kind} ${name}`);
    }),
  );
}

export function registerResume(program: Command): void {
  const command = addPausable(program.command('resume')).description(
    'End a pause, an operator’s or the upstream’s own: the next call may go at once. Takes an admin key.',
  );
  addConnectionOptions(command).action((kind: Pausable['kind'], name: string) =>
    withConnection(command, async ({ admin }) => {
      await admin.resume({ kind, name });
      console.log(`Resumed ${kind} ${name}.`);
    }),
  );
}

function addPausable(command: Command): Command {
  return command
    .addArgument(new Argument('<kind>', 'What it is.').choices(['upstream', 'model']))
    .argument('<name>', 'The name of the upstream, or the id of the model.');
}
