import type { ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import { unauthorized } from '../../http/auth.ts';
import type { ToolCall } from './tool.ts';

interface WaitLimits {
  readonly seconds: number;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** How often a client that wants to know hears how it goes. */
const progressMs = 5_000;

type WaitPorts = Pick<ToolCall, 'call' | 'intake' | 'clock' | 'progress'>;

/**
 * The request when it has ended, or as it is when the time is over, the client is gone or the service stops. Rejects with a `Problem`
 * when the key is revoked.
 */
export async function waitForEnd(
  request: ImageRequest,
  { seconds, signal: gone }: WaitLimits,
  { call: { caller, revoked }, intake, clock, progress }: WaitPorts,
): Promise<ImageRequest> {
  const signal = revoked ? AbortSignal.any([gone, revoked]) : gone;
  const beganAt = clock.now();
  const endsAt = beganAt + seconds * 1_000;
  let seen = request;
  while (!isEnded(seen.status) && !signal.aborted && clock.now() < endsAt) {
    await progress?.((clock.now() - beganAt) / 1_000, await toSentence(seen, intake));
    const now = clock.now();
    const timeoutMs = Math.max(Math.min(endsAt - now, progress ? progressMs : endsAt - now), 0);
    seen = await intake.wait(caller, request.id, { timeoutMs, signal });
    // The service stops.
    if (clock.now() < now + timeoutMs) break;
  }
  if (revoked?.aborted) throw unauthorized('The API key was revoked.');
  return seen;
}

async function toSentence(request: ImageRequest, intake: WaitPorts['intake']): Promise<string> {
  if (request.status !== 'queued') return 'The picture is being made.';
  const { position, message } = await intake.placeOf(request);
  return position === undefined || position === 0 ? message : `${message} Requests ahead of it: ${position}.`;
}
