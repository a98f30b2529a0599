import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Intake } from '../intake/intake.ts';
import type { Logger } from '../platform/logger.ts';

type Followed = Pick<Intake, 'answered' | 'left'>;

/**
 * Follows the line of a call that waits for a request. When the client has its whole answer, nobody will make the call again. When
 * the line is cut before, the same call joins the request: the work goes on, and its picture is neither lost nor paid twice.
 */
export class ClientLine {
  readonly #gone = new AbortController();
  readonly #leave: () => Promise<void>;
  #isAnswered = false;
  #isSent = false;
  #hasLeft = false;

  constructor(
    { caller, headers }: FastifyRequest,
    { raw }: FastifyReply,
    { requestId, intake, logger }: { readonly requestId: string; readonly intake: Followed; readonly logger: Logger },
  ) {
    this.#leave = () => intake.left(requestId, { cancel: false });
    const follow = async () => {
      this.#gone.abort();
      if (this.#hasLeft) return;
      if (this.#isAnswered && this.#isSent) return intake.answered(requestId);
      return intake.left(requestId, { cancel: prefersCancel(headers) ?? caller.cancelWhenGone });
    };
    // An event, since `writableFinished` stays false where tests inject calls without a line.
    raw.once('finish', () => {
      this.#isSent = true;
    });
    const onClose = () =>
      void follow().catch((err: unknown) => logger.error({ event: 'call.unfollowed', request_id: requestId, err }));
    if (raw.destroyed) onClose();
    else raw.once('close', onClose);
  }

  /** Aborts when the client is gone, or has its answer. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** What is sent from now on is the answer that the client waits for. */
  answers(): void {
    this.#isAnswered = true;
  }

  /**
   * The client has given up although its line is open, or what it is sent tells it to come back: whatever is still sent, the same call
   * joins the request from now on. The request is not cancelled.
   */
  async leaves(): Promise<void> {
    if (this.#hasLeft || this.#gone.signal.aborted) return;
    this.#hasLeft = true;
    await this.#leave();
  }
}

/** What the call itself says about a client that goes away: `X-Darkroom-When-Gone: cancel` or `keep`. */
function prefersCancel(headers: FastifyRequest['headers']): boolean | undefined {
  const wish = headers['x-darkroom-when-gone'];
  return wish === 'cancel' ? true : wish === 'keep' ? false : undefined;
}
