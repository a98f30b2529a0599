import { createInputProblem } from '../core/parse-input.ts';
import { Problem } from '../core/problem.ts';

/** The keys of a dialect, by the keys of the payload that they become. */
export type DialectNames = Readonly<Record<string, string>>;

/** The refusal of a payload in the words of the caller, who has not written a payload. Other problems stay as they are. */
export function inDialect(problem: Problem, names: DialectNames): Problem {
  if (problem.code !== 'invalid_request' || !problem.details) return problem;
  const details = problem.details.map(({ path, message }) => ({ path: rename(path, names), message }));
  return createInputProblem(details);
}

/** `payload.image[3]` becomes `image_urls[3]`. */
function rename(path: string, names: DialectNames): string {
  const [, key = '', rest = ''] = /^payload\.(\w+)(.*)$/s.exec(path) ?? [];
  return key === '' ? path.replace(/^payload$/, '') : `${names[key] ?? key}${rest}`;
}

/** A problem's path as its keys: `image_urls[3]` becomes `image_urls`, `3`. */
export function toKeys(path: string): readonly string[] {
  return path.split(/[.[\]]+/).filter((key) => key !== '');
}

/** The refusal of a model that is not offered; `names` are what the caller may write instead. */
export function createModelProblem(name: string, names: readonly string[]): Problem {
  return new Problem(
    'model_not_found',
    `There is no model ${name.slice(0, 100)} here. There are: ${names.join(', ')}.`,
  );
}
