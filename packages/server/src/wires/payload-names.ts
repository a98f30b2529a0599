import { createInputProblem } from '../core/parse-input.ts';
import { Problem } from '../core/problem.ts';

/** How a dialect names what a submission has. */
export interface DialectNames {
  /** What the keys of the payload belong to; left out: the body itself. */
  readonly root?: string;
  /** The dialect's keys, by those of the payload that they become; other keys have the same name. */
  readonly payload: Readonly<Record<string, string>>;
  /** The address for webhooks. */
  readonly webhook: string;
}

/** The refusal of a payload in the words of the caller, who has not written a payload. Other problems stay as they are. */
export function inDialect(problem: Problem, names: DialectNames): Problem {
  if (problem.code !== 'invalid_request' || !problem.details) return problem;
  const details = problem.details.map(({ path, message }) => ({ path: rename(path, names), message }));
  return createInputProblem(details);
}

/** `payload.image[3]` becomes `image_urls[3]`. */
function rename(path: string, { root, payload, webhook }: DialectNames): string {
  if (path === 'webhook_url') return webhook;
  const [, key, rest = ''] = /^payload(?:\.(\w+)(.*))?$/s.exec(path) ?? [];
  if (key === undefined) return path === 'payload' ? (root ?? '') : path;
  return `${root === undefined ? '' : `${root}.`}${payload[key] ?? key}${rest}`;
}

/** A problem's path as its keys: `image_urls[3]` becomes `image_urls`, `3`. */
export function toKeys(path: string): readonly string[] {
  return path.split(/[.[\]]+/).filter((key) => key !== '');
}

/** The refusal of a model that is not offered; `names` are what the caller may write instead. */
export function createModelProblem(name: string, names: readonly string[], retirement?: string): Problem {
  const given = name.slice(0, 100);
  const what = retirement === undefined ? `There is no model ${given} here` : `The model ${given} ${retirement}`;
  return new Problem('model_not_found', `${what}. Available models: ${names.join(', ')}.`);
}
