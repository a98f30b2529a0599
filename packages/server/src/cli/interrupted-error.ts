import type { RequestStatus } from '@darkroom/protocol';

interface Left {
  readonly id: string;
  /** As it was when the command was left. */
  readonly status: RequestStatus;
}

/** Ctrl-C has ended a command; the message says what became of its request. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  /** `undefined`: nothing was submitted. */
  readonly requestId: string | undefined;
  readonly status: RequestStatus | undefined;

  constructor(message: string, request?: Left) {
    super(message);
    this.requestId = request?.id;
    this.status = request?.status;
  }
}
