import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Problem } from '../../../core/problem.ts';
import type { ModelRegistry } from '../../../models/registry.ts';

/** A refused call, in the words of the tools' arguments. */
export function toProblemAnswer(problem: Problem, models: ModelRegistry): CallToolResult {
  const { code, details, retryAfterSeconds } = problem;
  const message = problem.code === 'model_not_found' ? toModelSentence(models) : toArgumentWords(problem.message);
  const wait = retryAfterSeconds === undefined ? '' : ` Call again in ${retryAfterSeconds} seconds.`;
  const error = {
    code,
    message,
    ...(details && { details: details.map(({ path, message }) => ({ path: toArgumentWords(path), message })) }),
    ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
  };
  return { content: [{ type: 'text', text: `${message}${wait}` }], structuredContent: { error }, isError: true };
}

function toModelSentence(models: ModelRegistry): string {
  const names = [...models.list().map(({ id }) => id), ...models.aliases.keys()];
  return `There is no such model. The models are ${names.join(', ')}.`;
}

/** The keys of the payload are the arguments of the tools, except that its pictures are called references. */
function toArgumentWords(text: string): string {
  return text.replace(/\bpayload\.image(?=[ [])|\bpayload\.image$/g, 'references').replaceAll('payload.', '');
}
