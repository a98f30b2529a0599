import type { ProblemBody } from '@darkroom/protocol';
import type { z } from 'zod';
import { Problem } from './problem.ts';

/**
 * Parses what a caller sent. Throws a `Problem` of code `invalid_request` whose sentence names every wrong key; `root`
 * is what the keys belong to, e.g. `payload`.
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown, root: string): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const details = result.error.issues.map(({ path, message }) => ({ path: formatPath(root, path), message }));
  throw new Problem('invalid_request', toSentence(details), { details });
}

function toSentence(details: NonNullable<ProblemBody['details']>): string {
  const shown = details.slice(0, 10).map(({ path, message }) => `${path} ${message}`);
  const rest = details.length - shown.length;
  return `${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`;
}

function formatPath(root: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, root);
}
