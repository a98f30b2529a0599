import { DarkroomError, RequestFailedError } from '@darkroom/client';
import { InterruptedError } from './interrupted-error.ts';
import { toSentence } from './sentence.ts';
import { UnreachableError } from './unreachable-error.ts';

/** What a command with `--json` prints when it fails: an object with `error`, and the request if there was one. */
export function toFailureJson(error: unknown): string {
  return JSON.stringify(toFailure(error), null, 2);
}

function toFailure(error: unknown): object {
  const message = toSentence(error);
  if (error instanceof RequestFailedError) {
    const { request_id, status, cost_usd } = error.record;
    return { request_id, status, cost_usd, error: error.failure ?? { code: error.code, message } };
  }
  if (error instanceof InterruptedError) {
    const { requestId: request_id, status } = error;
    return { ...(request_id !== undefined && { request_id, status }), error: { code: 'interrupted', message } };
  }
  if (error instanceof DarkroomError) {
    const { code = 'refused', details } = error;
    return { error: { code, message, ...(details && { details }) } };
  }
  return { error: { code: error instanceof UnreachableError ? 'unreachable' : 'command_failed', message } };
}
