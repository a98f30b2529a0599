import type { FastifyRequest } from 'fastify';
import { createInputProblem } from '../core/parse-input.ts';

/**
 * May another model make the picture? The header `X-Darkroom-Fallback: false` forbids it on every wire whose bodies have no word
 * for it, and so does the key `fallback` in the bodies that take keys of other makers. Throws the `Problem` of another word.
 */
export function readFallbackWish({ headers }: Pick<FastifyRequest, 'headers'>, key?: unknown): boolean {
  return readFlag(headers[header], header) && readFlag(key, 'fallback');
}

const header = 'x-darkroom-fallback';

function readFlag(given: unknown, path: string): boolean {
  const word = String(given ?? '').toLowerCase();
  if (word === 'false') return false;
  if (word === 'true' || word === '') return true;
  throw createInputProblem([{ path, message: 'must be true or false' }]);
}
