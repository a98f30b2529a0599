import { type ProblemBody, tolerate } from '@darkroom/protocol';
import type { z } from 'zod';
import { findBrokenNames, type Names, namesOf } from './names.ts';
import { Problem } from './problem.ts';

/**
 * Parses what a caller sent. Throws a `Problem` of code `invalid_request` whose sentence names every wrong key; `root` is what
 * the keys belong to, e.g. `payload`. Strings that are names must be names that every store accepts.
 */
export function parseInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
  root: string,
  names: Names = namesOf(schema),
): z.output<S> {
  const result = schema.safeParse(input);
  const issues = result.success ? findBrokenNames(Object(result.data), names) : result.error.issues;
  if (result.success && issues.length === 0) return result.data;
  const details = issues.map(({ path, message }) => ({ path: formatPath(root, path), message }));
  throw createInputProblem(details);
}

/** The same for input that clients write in many ways: a value that can only mean one thing is read as that. */
export function parseTolerantly<S extends z.ZodType>(
  schema: S,
  input: unknown,
  root: string,
  names?: Names,
): z.output<S> {
  return parseInput(schema, tolerate(schema, input), root, names);
}

/** The refusal of an input; each message is the end of a sentence that begins with its path. */
export function createInputProblem(details: Details): Problem {
  return new Problem('invalid_request', toSentence(details), { details: details.slice(0, maxDetails) });
}

/** A body may have a hundred thousand faults. A caller corrects some of them and calls again. */
const maxDetails = 100;

type Details = NonNullable<ProblemBody['details']>;

function toSentence(details: Details): string {
  const shown = details.slice(0, 10).map(({ path, message }) => `${path || 'The body'} ${message}`);
  const rest = details.length - shown.length;
  return `${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`;
}

/** `payload.image[3]`: how a message names the location of a value. */
export function formatPath(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, root);
}
