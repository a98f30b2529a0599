import type { ImageRequest } from '../../core/image-request.ts';
import type { Caller } from '../../intake/caller.ts';
import type { Intake } from '../../intake/intake.ts';
import type { Clock } from '../../platform/clock.ts';
import { readNote } from './note.ts';

interface StartOptions {
  readonly intake: Pick<Intake, 'cancel'>;
  readonly clock: Clock;
}

/** Cancels a request that has not begun within its start time-out. Resolves to the request as it is then. */
export async function giveUpUnstarted(
  request: ImageRequest,
  caller: Caller,
  { intake, clock }: StartOptions,
): Promise<ImageRequest> {
  if (request.status !== 'queued' || request.attempt > 0) return request;
  const { start_timeout: seconds } = readNote(request);
  const isOver = seconds !== undefined && clock.now() >= request.createdAt + seconds * 1_000;
  return isOver ? intake.cancel(caller, request.id) : request;
}

/** Was it cancelled because of its start time-out? */
export function hasGivenUp(request: ImageRequest): boolean {
  const { start_timeout: seconds } = readNote(request);
  if (seconds === undefined || request.status !== 'cancelled' || request.attempt > 0) return false;
  return request.updatedAt >= request.createdAt + seconds * 1_000;
}
