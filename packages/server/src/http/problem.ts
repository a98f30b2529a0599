import { type ProblemBody, type ProblemCode, problemKinds } from '@darkroom/protocol';

/** A call is refused: what the caller is told now. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly details: ProblemBody['details'];
  readonly headers: Readonly<Record<string, string>>;

  /** `message` is a sentence that says what is wrong and what would be right. */
  constructor(
    code: ProblemCode,
    message: string,
    more: { readonly details?: ProblemBody['details']; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.details = more.details;
    this.headers = more.headers ?? {};
  }

  get status(): number {
    return problemKinds[this.code].status;
  }

  toBody(): ProblemBody {
    return { error: this.message, code: this.code, ...(this.details && { details: this.details }) };
  }
}

/** The refusal of a call about a request that its organization does not have. */
export function createMissing(): Problem {
  return new Problem('not_found', 'There is no request of this id.');
}

const mebibyte = 1024 * 1024;

/** The refusal of a body of more bytes than its route takes. */
export function createBodyTooLarge(maxBytes: number): Problem {
  const limit =
    maxBytes < mebibyte ? `${maxBytes / 1024} KiB.` : `${maxBytes / mebibyte} MiB. Give large pictures as URLs.`;
  return new Problem('body_too_large', `The body is larger than ${limit}`);
}

/** The refusal of a body by its type. */
export function createTypeProblem(type: string): Problem {
  const found = type === '' ? '' : `, not ${type.slice(0, 80)}`;
  return new Problem(
    'unsupported_media_type',
    `The body must be JSON${found}: send it with the header Content-Type: application/json.`,
  );
}
