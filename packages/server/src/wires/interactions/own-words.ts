import { createInputProblem } from '../../core/parse-input.ts';
import type { Problem } from '../../core/problem.ts';

/** The payload's keys, which callers of this wire have never seen, and what the wire calls them. */
const names: readonly (readonly [key: RegExp, name: string])[] = [
  [/^payload\.(?:prompt|image|contents)(?![\w]).*/, 'input'],
  [/^payload\.previous_request_id/, 'previous_interaction_id'],
  [/^payload\.(aspect_ratio|image_size)/, 'response_format.$1'],
  [/^payload\.image_output_format/, 'response_format.mime_type'],
  [/^payload\.(temperature|top_p|seed|thinking_level)/, 'generation_config.$1'],
  [/^payload\.safety_settings(\[\d+\])\.category/, 'safety_settings$1.type'],
  [/^payload\.google_search/, 'tools'],
  [/^payload\./, ''],
  [/^webhook_url/, 'webhook_config.uris[0]'],
];

/** The same refusal, in the words of this wire. */
export function inOwnWords(problem: Problem): Problem {
  const { code, details } = problem;
  if (code !== 'invalid_request' || !details) return problem;
  return createInputProblem(details.map(({ path, message }) => ({ path: toOwnName(path), message })));
}

function toOwnName(path: string): string {
  const [key, name] = names.find(([one]) => one.test(path)) ?? [];
  return key && name !== undefined ? path.replace(key, name) : path;
}
