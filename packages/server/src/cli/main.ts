import { CommanderError } from 'commander';
import { toFailureJson } from './failure-json.ts';
import { InterruptedError } from './interrupted-error.ts';
import { createProgram } from './program.ts';
import { toSentence } from './sentence.ts';

try {
  await createProgram().parseAsync();
} catch (error) {
  const isUsage = error instanceof CommanderError;
  process.exitCode = isUsage ? error.exitCode : error instanceof InterruptedError ? 130 : 1;
  // Commander has already printed its message, and throws for --help as well.
  if (!isUsage) console.error(toSentence(error));
  if (process.exitCode !== 0 && process.argv.includes('--json')) console.log(toFailureJson(error));
}
