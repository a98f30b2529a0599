import { createProgram } from './program.ts';
import { toSentence } from './sentence.ts';

try {
  await createProgram().parseAsync();
} catch (error) {
  console.error(toSentence(error));
  process.exitCode = 1;
}
