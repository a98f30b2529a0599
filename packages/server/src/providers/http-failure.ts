import type { Failure, FailureCode } from '../core/failures.ts';
import { quoteText } from './upstream-text.ts';

/** What an HTTP error of an upstream says, whatever its shape. */
export interface ErrorAnswer {
  readonly status: number;
  /** The error's sentence; the text of the body when it is not the expected JSON. */
  readonly message: string;
  /** Everything that distinguishes one error from another, such as its type, its code and its sentence. */
  readonly words: string;
  readonly retryDelayMs?: number;
  /** It was inside a 200; `status` is then the one that it should have had. */
  readonly isInner?: boolean;
}

/** One kind of HTTP error: the first row that matches says what it means. */
export interface FailureRow {
  readonly status: (status: number) => boolean;
  /** Must be found in the words of the error; a row without it matches all errors. */
  readonly says?: RegExp;
  readonly code: FailureCode;
  /** What happened, and what would help. The HTTP status is added. */
  readonly message: string;
}

export function is(...statuses: readonly number[]): FailureRow['status'] {
  return (status) => statuses.includes(status);
}

export function between(first: number, last: number): FailureRow['status'] {
  return (status) => status >= first && status <= last;
}

/** What the statuses of HTTP themselves mean, whoever sends them. They come after a vendor's own rows. */
const usualRows: readonly FailureRow[] = [
  {
    status: is(413),
    code: 'upstream_rejected',
    message: 'The request is too large for the upstream; use fewer or smaller reference pictures.',
  },
  {
    status: between(400, 499),
    code: 'upstream_rejected',
    message: 'The upstream rejected the request as invalid; its own message says what to change.',
  },
  {
    status: between(500, 599),
    code: 'upstream_error',
    message: 'The upstream had an internal error.',
  },
];

const noAnswer: Pick<FailureRow, 'code' | 'message'> = {
  code: 'upstream_answer_invalid',
  message: 'The upstream answered with an unexpected status; check the base URL.',
};

export interface FailureContext {
  /** The vendor's own rows, which come first. */
  readonly rows: readonly FailureRow[];
  /** The API key, or what stands for it; it is kept out of the failure. */
  readonly secret: string;
  /** When a failure of this code may be tried again, in milliseconds from now; 0 when nothing is known. */
  readonly toRetryAfterMs: (code: FailureCode) => number;
}

/** The failure that an HTTP error of the upstream means, or an error inside a 200. */
export function toRowFailure(answer: ErrorAnswer, { rows, secret, toRetryAfterMs }: FailureContext): Failure {
  const matches = ({ status, says }: FailureRow) => status(answer.status) && (says?.test(answer.words) ?? true);
  const { code, message } = rows.find(matches) ?? usualRows.find(matches) ?? noAnswer;
  const retryAfterMs = toRetryAfterMs(code);
  const upstreamMessage = quoteText(answer.message, secret);
  return {
    code,
    message: `${message} (${answer.isInner ? `error ${answer.status} in an HTTP 200` : `HTTP ${answer.status}`})`,
    upstreamStatus: answer.status,
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(upstreamMessage && { upstreamMessage }),
  };
}
