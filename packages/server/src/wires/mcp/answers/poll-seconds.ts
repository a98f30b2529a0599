import type { ImageRequest } from '../../../core/image-request.ts';
import type { Intake } from '../../../intake/intake.ts';
import type { Clock } from '../../../platform/clock.ts';

const leastSeconds = 5;
const mostSeconds = 60;

/** When to look at a request again, and why it waits if it does. */
export async function toPollSeconds(
  request: ImageRequest,
  { intake, clock }: { readonly intake: Pick<Intake, 'placeOf'>; readonly clock: Clock },
): Promise<{ readonly seconds: number; readonly message: string | undefined }> {
  if (request.status !== 'queued') return { seconds: leastSeconds, message: undefined };
  const { estimatedStartAt, message } = await intake.placeOf(request);
  const untilStart = Math.ceil(((estimatedStartAt ?? clock.now()) - clock.now()) / 1_000);
  return { seconds: Math.min(Math.max(untilStart, leastSeconds), mostSeconds), message };
}
