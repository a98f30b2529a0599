import type { FailureOutcomeRecord, FailureRecord, ProblemBody, ProblemCode, RequestRecord } from '@darkroom/protocol';

/** A call that Darkroom refused. `message` is the sentence that the server sent. */
export class DarkroomError extends Error {
  override readonly name = 'DarkroomError';
  readonly status: number;
  /** `undefined` when something else answered instead of Darkroom, e.g. a proxy. */
  readonly code: ProblemCode | undefined;
  readonly details: ProblemBody['details'];

  constructor(status: number, body: Partial<ProblemBody>) {
    super(body.error ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body.code;
    this.details = body.details;
  }
}

/** A request that was accepted but ended without a picture. */
export class RequestFailedError extends Error {
  override readonly name = 'RequestFailedError';
  /** The code of the failure, e.g. `prompt_blocked`; `cancelled` when the request was cancelled. */
  readonly code: string;
  /** `undefined` when the request was cancelled. */
  readonly failure: FailureRecord | undefined;
  readonly record: RequestRecord;

  constructor(record: RequestRecord) {
    // The wire gives a failed request this outcome.
    const failure = record.status === 'failed' ? (record.outcome as FailureOutcomeRecord).error : undefined;
    super(failure?.message ?? `The request ${record.request_id} was cancelled.`);
    this.code = failure?.code ?? record.status;
    this.failure = failure;
    this.record = record;
  }
}
