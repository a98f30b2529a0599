import { Problem } from '../../core/problem.ts';

const mebibyte = 1024 * 1024;

/** The refusal of a body that has more bytes than its route accepts. */
export function createBodyTooLarge(maxBytes: number): Problem {
  const limit =
    maxBytes < mebibyte ? `${maxBytes / 1024} KiB.` : `${maxBytes / mebibyte} MiB. Give large pictures as URLs.`;
  return new Problem('body_too_large', `The body is larger than ${limit}`);
}

/** The refusal of a body because of its type. */
export function createTypeProblem(type: string): Problem {
  const found = type === '' ? '' : `, not ${type.slice(0, 80)}`;
  return new Problem(
    'unsupported_media_type',
    `The body must be JSON${found}: send it with the header Content-Type: application/json.`,
  );
}
