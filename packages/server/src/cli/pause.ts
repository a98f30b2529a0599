import type { Pausable } from '@darkroom/client';
import { Argument, type Command } from 'commander';
import { addConnectionOptions, withConnection } from './connect.ts';

export function registerPause(program: Command): void {
  const command = addPausable(program.command('pause')).description(
    'Make no calls to an upstream or a model until it is resumed; calls under way are completed. Takes an admin key.',
  );
  addConnectionOptions(command).action((kind: Pausable['kind'], name: string) =>
    withConnection(command, async ({ admin }) => {
      await admin.pause({ kind, name });
      console.log(`Paused ${kind} ${name}. To resume: darkroom resume ${kind} ${name}`);
    }),
  );
}

export function registerResume(program: Command): void {
  const command = addPausable(program.command('resume')).description(
    'End a pause by an operator or a rest of the upstream: the next call may start at once. Takes an admin key.',
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
    .addArgument(new Argument('<kind>', 'What to pause or resume.').choices(['upstream', 'model']))
    .argument('<name>', 'The name of the upstream or the id of the model.');
}
