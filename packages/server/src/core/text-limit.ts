import { groupDigits } from '@darkroom/protocol';
import { Problem } from './problem.ts';

/**
 * The longest text of a request, without its pictures: 500,000 characters, even when each is written with six (`\u65e5`). The
 * pictures of a body are moved out of it, and do not count.
 */
export const maxTextBytes = 4 * 1024 * 1024;

/** The refusal of a text that is too long without its pictures. */
export function createTextProblem(what: string, bytes: number): Problem {
  return new Problem(
    'body_too_large',
    `${what} has ${count(bytes)} bytes without its pictures: at most ${count(maxTextBytes)} (4 MiB) are allowed.`,
  );
}

function count(number: number): string {
  return groupDigits(number);
}
