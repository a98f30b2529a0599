import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Problem } from '../../../core/problem.ts';
import type { ModelRegistry } from '../../../models/registry.ts';

/** A refused call, in the words of the tools' arguments. */
export function toProblemAnswer(problem: Problem, models: ModelRegistry): CallToolResult {
  const { code, details, retryAfterSeconds } = problem;
  const message =
    problem.code === 'model_not_found' ? toModelSentence(models, problem) : toArgumentWords(problem.message);
  const wait = retryAfterSeconds === undefined ? '' : ` Call again in ${retryAfterSeconds} seconds.`;
  const error = {
    code,
    message,
    ...(details && { details: details.map(({ path, message }) => ({ path: toArgumentWords(path), message })) }),
    ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
  };
  return { content: [{ type: 'text', text: `${message}${wait}` }], structuredContent: { error }, isError: true };
}

function toModelSentence(models: ModelRegistry, { details: [detail] = [] }: Problem): string {
  const names = [...models.list().map(({ id }) => id), ...models.aliases.keys()];
  const what = detail ? `The model ${detail.message}` : 'There is no such model';
  return `${what}. The models are ${names.join(', ')}.`;
}

/** The arguments of the tools whose names are not those of the payload's keys. */
const argumentNames: Readonly<Record<string, string>> = {
  image: 'references',
  previous_request_id: 'request_id',
  previous_image: 'index',
};

function toArgumentWords(text: string): string {
  return text.replaceAll(/\bpayload\.(\w+)/g, (_path, key: string) => argumentNames[key] ?? key);
}
