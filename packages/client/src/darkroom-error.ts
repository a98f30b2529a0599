import type { ProblemBody, ProblemCode } from '@darkroom/protocol';

/** A call that Darkroom refused. `message` is the server's sentence. */
export class DarkroomError extends Error {
  override readonly name = 'DarkroomError';
  readonly status: number;
  /** `undefined` when something between here and Darkroom answered in its place. */
  readonly code: ProblemCode | undefined;
  readonly details: ProblemBody['details'];

  constructor(status: number, body: Partial<ProblemBody>) {
    super(body.error ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body.code;
    this.details = body.details;
  }
}
