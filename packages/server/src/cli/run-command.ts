import { CommanderError } from 'commander';
import { toFailureJson } from './failure-json.ts';
import { InterruptedError } from './interrupted-error.ts';
import { createProgramFor } from './program.ts';
import { toSentence } from './sentence.ts';

/** Runs one command, given its words, and sets the exit code of the process. Never rejects. */
export async function runCommand(words: readonly string[]): Promise<void> {
  try {
    const named = withCommand(words);
    const program = await createProgramFor(named);
    await program.parseAsync(named, { from: 'user' });
  } catch (error) {
    const isUsage = error instanceof CommanderError;
    process.exitCode = isUsage ? error.exitCode : error instanceof InterruptedError ? 130 : 1;
    // Commander has already printed its message, and throws for --help as well.
    if (!isUsage) console.error(toSentence(error));
    if (process.exitCode !== 0 && words.includes('--json')) console.log(toFailureJson(error));
  }
}

/** Without a command, `serve` is meant: `darkroom`, or `darkroom --port 8080`. */
function withCommand(words: readonly string[]): readonly string[] {
  const [first] = words;
  const isServe = first === undefined || (first.startsWith('-') && !programFlags.has(first));
  return isServe ? ['serve', ...words] : words;
}

const programFlags: ReadonlySet<string> = new Set(['-h', '--help', '-V', '--version']);
