import type { Failure } from '../core/failures.ts';
import type { ModerationFlag } from '../core/moderation-flag.ts';
import type { ModeratedPicture, Moderation, Ruling } from '../moderation/moderation.ts';
import type { Clock } from '../platform/clock.ts';

/** Whether the pictures of an answer may be stored and served. */
export type PictureCheck =
  | { readonly kind: 'passed'; readonly flags: readonly ModerationFlag[] }
  | { readonly kind: 'refused'; readonly failure: Failure };

interface CheckOptions {
  readonly ask: NonNullable<Moderation['askAboutPicture']>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Asks the moderation about each picture. The first one that it blocks ends the answer. */
export async function checkPictures(
  pictures: readonly ModeratedPicture[],
  options: CheckOptions,
): Promise<PictureCheck> {
  const flags: ModerationFlag[] = [];
  for (const picture of pictures) {
    const ruling = await askPatiently(picture, options);
    if (ruling.kind === 'blocked') return refuse('moderation_blocked', ruling.reason);
    if (ruling.kind === 'unanswered')
      return refuse('picture_unmoderated', 'The picture was made, but the moderation of this service did not answer.');
    if (ruling.kind === 'flagged') flags.push({ about: 'picture', reason: ruling.reason });
  }
  return { kind: 'passed', flags };
}

function refuse(code: Failure['code'], message: string): PictureCheck {
  return { kind: 'refused', failure: { code, message } };
}

/** The picture is paid for: a moderation in trouble gets minutes before it is given up, and no more time at shutdown. */
async function askPatiently(picture: ModeratedPicture, { ask, clock, signal }: CheckOptions): Promise<Ruling> {
  const giveUpAt = clock.now() + patienceMs;
  for (;;) {
    const ruling = await ask(picture, signal);
    if (ruling.kind !== 'unanswered' || signal.aborted || clock.now() >= giveUpAt) return ruling;
    await clock.sleep(pauseMs, signal);
  }
}

const pauseMs = 5_000;
const patienceMs = 300_000;
