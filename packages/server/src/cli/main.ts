import { Command } from 'commander';
import { registerDoctor } from './doctor.ts';
import { registerEdit, registerGenerate } from './generate.ts';
import { registerKeys } from './keys.ts';
import { registerModels } from './models.ts';
import { registerRequests } from './requests.ts';
import { registerSandbox } from './sandbox.ts';
import { toSentence } from './sentence.ts';
import { registerServe } from './serve.ts';
import { version } from './version.ts';

const program = new Command('darkroom')
  .description('Turns image requests into stored pictures.')
  .version(version)
  .showHelpAfterError('(darkroom --help lists the commands)');

for (const register of [
  registerServe,
  registerGenerate,
  registerEdit,
  registerRequests,
  registerModels,
  registerKeys,
  registerSandbox,
  registerDoctor,
]) {
  register(program);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(toSentence(error));
  process.exitCode = 1;
}
