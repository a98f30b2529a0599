import type { RequestStatus } from '@darkroom/protocol';

interface Left {
  readonly id: string;
  /** The status when the command was interrupted. */
  readonly status: RequestStatus;
}

/** Ctrl-C ended a command. The message says what happened to its request. */
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
