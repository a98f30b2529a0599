import type {
  FailureCode,
  FailureOutcomeRecord,
  FailureRecord,
  ProblemBody,
  ProblemCode,
  ProblemStatuses,
  RequestRecord,
} from './shapes.ts';

/** `code` is that of Darkroom, or `undefined` when something else answered instead, e.g. a proxy. */
class Refusal<Code extends ProblemCode | undefined, Status extends number> extends Error {
  override readonly name = 'DarkroomError';
  readonly code: Code;
  /** The HTTP status. */
  readonly status: Status;
  /** Each wrong key of the call, with what is wrong. */
  readonly details: ProblemBody['details'];
  /** When the server says to call again, in seconds from now. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: Status, body: Partial<ProblemBody>, retryAfterSeconds?: number) {
    super(body.error ?? `The server answered ${status}.`);
    this.code = body.code as Code; // a server sends each code with its own status
    this.status = status;
    this.details = body.details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * A call that Darkroom refused. `message` is the sentence that the server sent. Compare `code` to tell the errors apart; a newer
 * server may send further codes.
 */
export type DarkroomError =
  | { [Code in ProblemCode]: Refusal<Code, ProblemStatuses[Code]> }[ProblemCode]
  | Refusal<undefined, number>;

interface DarkroomErrorConstructor {
  new (status: number, body: Partial<ProblemBody>, retryAfterSeconds?: number): DarkroomError;
  readonly prototype: DarkroomError;
}

// A class cannot be a union; with this constructor, `instanceof` gives the union.
export const DarkroomError = Refusal as DarkroomErrorConstructor;

class Unsuccessful<Code extends FailureCode | 'cancelled', Failure> extends Error {
  override readonly name = 'RequestFailedError';
  readonly code: Code;
  /** Why the request failed, whose fault it is, and whether another try may help. */
  readonly failure: Failure;
  readonly record: RequestRecord;

  constructor(record: RequestRecord) {
    // The wire gives a failed request this outcome.
    const failure = record.status === 'failed' ? (record.outcome as FailureOutcomeRecord).error : undefined;
    super(failure?.message ?? `The request ${record.request_id} was cancelled.`);
    this.code = (failure?.code ?? 'cancelled') as Code; // the two belong together, as the union below says
    this.failure = failure as Failure;
    this.record = record;
  }
}

/** A request that was accepted but ended without a picture: it failed, or it was cancelled. */
export type RequestFailedError = Unsuccessful<'cancelled', undefined> | Unsuccessful<FailureCode, FailureRecord>;

interface RequestFailedErrorConstructor {
  new (record: RequestRecord): RequestFailedError;
  readonly prototype: RequestFailedError;
}

export const RequestFailedError = Unsuccessful as RequestFailedErrorConstructor;
