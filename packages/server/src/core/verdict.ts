import type { Chance } from '../platform/chance.ts';
import type { Conversation } from './conversation.ts';
import { type Failure, failureKinds } from './failures.ts';
import { mergeGroundings } from './grounding.ts';
import type { Attempt, ImageRequest, KeptAnswer, SuccessOutcome, Verdict } from './image-request.ts';
import { toModelTurn } from './model-turn.ts';
import { toDistinctFlags } from './moderation-flag.ts';
import type { Order } from './order.ts';
import { type RetryPolicy, toRetryDelay } from './retry-policy.ts';
import type { Usage } from './usage.ts';

/** A request and its attempt log, as far as the verdict depends on them: a claim is one. */
export interface JudgedRequest {
  /** Failures from before `queuedAt` are forgiven, since the request was queued again; pictures from before still count. */
  readonly request: Pick<ImageRequest, 'queuedAt' | 'deadlineAt'>;
  readonly order: Pick<Order, 'images' | 'conversation'>;
  /** Every call of the request in order, this attempt's included. */
  readonly attempts: readonly JudgedAttempt[];
}

/** One line of the attempt log; without a result its call is under way. */
export type JudgedAttempt = Pick<Attempt, 'imageIndex' | 'upstream' | 'startedAt'> &
  Partial<Pick<Attempt, 'standIn' | 'result' | 'failure' | 'answer' | 'usage' | 'modelVersion'>>;

export interface Circumstances {
  readonly policy: RetryPolicy;
  readonly now: number;
  readonly chance: Chance;
}

/**
 * What happens to a request when an attempt has ended. It succeeds when every image is there. It is tried again while any missing
 * image may still come, and fails for its deadline no earlier than at its deadline. A picture that was paid for is never thrown
 * away: when the rest cannot be made, the request succeeds with what there is, and says what is missing.
 */
export function decideVerdict(judged: JudgedRequest, circumstances: Circumstances): Verdict {
  const { request, order } = judged;
  const { now } = circumstances;
  const images = toImageStates(judged, circumstances);
  const waiting = images.filter((image) => image.kind === 'waiting');
  const longest = waiting.reduce<Waiting | undefined>((a, b) => (a && a.delayMs >= b.delayMs ? a : b), undefined);
  if (!longest || now >= request.deadlineAt) return toFinalVerdict(images, order.conversation);
  const { failure, delayMs, isInterrupted } = longest;
  if (!failure || isInterrupted) return { kind: 'interrupt' };
  return { kind: 'retry', availableAt: toAvailableAt(request.deadlineAt, { now, delayMs }), code: failure.code };
}

/** A wait that would go past the deadline is cut to half of the remaining time, so that one more call may come in time. */
function toAvailableAt(
  deadlineAt: number,
  { now, delayMs }: { readonly now: number; readonly delayMs: number },
): number {
  if (now + delayMs < deadlineAt) return now + delayMs;
  const halfMs = Math.floor((deadlineAt - now) / 2);
  return halfMs < leastPauseMs ? deadlineAt : now + halfMs;
}

/** A shorter pause is not worth it: the request then waits for its deadline, at which it ends. */
const leastPauseMs = 1_000;

/** The images that another call may bring; the others are there already, or would only be refused and paid again. */
export function toHopefulImages(judged: JudgedRequest, circumstances: Circumstances): readonly number[] {
  return toImageStates(judged, circumstances).flatMap(({ kind }, index) => (kind === 'waiting' ? index : []));
}

/** May still come: `failure` is the failure of the last try, if there was one. */
interface Waiting {
  readonly kind: 'waiting';
  readonly failure: Failure | undefined;
  readonly delayMs: number;
  /** The last try was given back or is under way, or there was none. */
  readonly isInterrupted: boolean;
}

interface There {
  readonly kind: 'there';
  readonly attempt: JudgedAttempt;
  readonly answer: KeptAnswer;
}

type ImageState = Waiting | There | { readonly kind: 'hopeless'; readonly failure: Failure };

function toImageStates(judged: JudgedRequest, circumstances: Circumstances): readonly ImageState[] {
  const { request, order, attempts } = judged;
  return Array.from({ length: order.images }, (_, index) => {
    const all = attempts.filter(({ imageIndex }) => imageIndex === index);
    const done = all.find(({ answer }) => answer !== undefined);
    if (done?.answer) return { kind: 'there', attempt: done, answer: done.answer };
    return toMissingImage(
      all.filter(({ startedAt }) => startedAt >= request.queuedAt),
      circumstances,
    );
  });
}

/** `own` holds the calls for the image that are not forgiven. */
function toMissingImage(own: readonly JudgedAttempt[], { policy, chance }: Circumstances): ImageState {
  const failed = own.flatMap((one) => {
    const failure = one.result === 'lost' ? lostAnswer : one.failure;
    return failure ? [{ failure, place: toPlace(one) }] : [];
  });
  const failure = failed.at(-1)?.failure;
  const last = own.at(-1);
  const isOpen = last !== undefined && last.result === undefined;
  if (!failure || isOpen || last?.result === 'interrupted') {
    return { kind: 'waiting', failure, delayMs: 0, isInterrupted: true };
  }
  const delayMs = toRetryDelay(failed, policy, chance);
  return delayMs === undefined
    ? { kind: 'hopeless', failure }
    : { kind: 'waiting', failure, delayMs, isInterrupted: false };
}

/** A stand-in is another place to try, even on the same upstream. */
function toPlace({ upstream, standIn }: JudgedAttempt): string {
  return standIn ? `${upstream} ${standIn.model}` : upstream;
}

const lostAnswer: Failure = { code: 'upstream_answer_lost', message: failureKinds.upstream_answer_lost.meaning };

function toFinalVerdict(images: readonly ImageState[], conversation: Conversation): Verdict {
  const failures = images.flatMap((image) => {
    if (image.kind === 'there') return [];
    return image.kind === 'waiting' ? [toDeadlineFailure(image.failure)] : [image.failure];
  });
  const there = images.filter((image) => image.kind === 'there');
  const [failure] = failures;
  if (there.length === 0 && failure) return { kind: 'fail', outcome: { kind: 'failure', failure } };
  return { kind: 'succeed', outcome: toSuccess(there, failures, conversation) };
}

/** The failure of a request whose time is over. It keeps the facts of the last try, since they are the real cause. */
function toDeadlineFailure(last: Failure | undefined): Failure {
  const message = 'The request was not done by its deadline.';
  if (!last) return { code: 'deadline_exceeded', message };
  return { ...last, code: 'deadline_exceeded', message: `${message} The last attempt ended with: ${last.message}` };
}

function toSuccess(images: readonly There[], missing: readonly Failure[], conversation: Conversation): SuccessOutcome {
  const parts = images.flatMap(({ answer }) => answer.parts);
  const text = parts.flatMap((part) => (part.kind === 'text' ? part.text : [])).join('\n');
  const [first] = images;
  const { modelVersion } = first?.attempt ?? {};
  const [standIn] = images.flatMap(({ attempt }) => attempt.standIn ?? []);
  const { leftOutTurns, reducedPictures } = first?.answer ?? {};
  const grounding = mergeGroundings(images.flatMap(({ answer }) => answer.grounding ?? []));
  const flags = toDistinctFlags(images.flatMap(({ answer }) => answer.moderationFlags ?? []));
  const usage = sumUsage(images.flatMap((image) => image.attempt.usage ?? []));
  return {
    kind: 'success',
    pictures: parts.flatMap((part) => (part.kind === 'picture' ? part.picture : [])),
    // Of several images, the first one continues the conversation: a turn has one answer.
    conversation: [...conversation, toModelTurn(first?.answer.parts ?? [])],
    ...(text && { text }),
    ...(grounding && { grounding }),
    ...(modelVersion && { modelVersion }),
    ...(standIn && { standIn }),
    ...(usage && { usage }),
    ...(leftOutTurns && { leftOutTurns }),
    ...(reducedPictures && { reducedPictures }),
    ...(flags.length > 0 && { moderationFlags: flags }),
    ...(missing.length > 0 && { missing }),
  };
}

function sumUsage(usages: readonly Usage[]): Usage | undefined {
  const [first, ...rest] = usages;
  if (!first) return undefined;
  return rest.reduce(
    (sum, usage) => ({
      promptTokens: sum.promptTokens + usage.promptTokens,
      imageTokens: sum.imageTokens + usage.imageTokens,
      textTokens: sum.textTokens + usage.textTokens,
      thoughtTokens: sum.thoughtTokens + usage.thoughtTokens,
      totalTokens: sum.totalTokens + usage.totalTokens,
    }),
    first,
  );
}
