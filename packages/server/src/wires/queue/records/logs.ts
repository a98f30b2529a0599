import type { LogLine } from '@darkroom/protocol';
import { groupDigits } from '@darkroom/protocol';
import { failureKinds } from '../../../core/failures.ts';
import { toDollars } from '../../../core/pricing.ts';
import type { RequestEvent, RequestMoment } from '../../../core/request-events.ts';
import type { Place } from '../../../intake/queue-reader.ts';
import { toHost } from './events.ts';

/**
 * The history of a request in words. It contains no prompt, no key and no address, only what the events hold; of an address, only
 * the host.
 */
export function toLogLines(history: readonly RequestEvent[], waiting?: LogLine): LogLine[] {
  const sentAt = new Map<string, number>();
  const lines = history.map(({ at, moment }, index): LogLine => {
    if (moment.kind === 'sent') sentAt.set(toCallName(moment), at);
    const since = moment.kind === 'answered' ? sentAt.get(toCallName(moment)) : undefined;
    const tookMs = since === undefined ? undefined : at - since;
    return { at: at / 1_000, ...toLine(moment, { isFirst: index === 0, tookMs }) };
  });
  return waiting ? [...lines, waiting] : lines;
}

/** What a queued request waits for now. */
export function toWaitingLine({ message, position }: Place, now: number): LogLine {
  const place = position === undefined || position === 0 ? '' : ` ${groupDigits(position)} are ahead of it.`;
  return { at: now / 1_000, kind: 'waiting', message: `Waiting now: ${message}${place}` };
}

interface Around {
  readonly isFirst: boolean;
  /** The time between the call and its answer, if known. */
  readonly tookMs: number | undefined;
}

function toLine(moment: RequestMoment, { isFirst, tookMs }: Around): Omit<LogLine, 'at'> {
  switch (moment.kind) {
    case 'queued':
      return { kind: 'queued', message: isFirst ? 'Submitted and queued.' : 'Queued again by an operator.' };
    case 'claimed': {
      const { attempt, upstream, calls, standIn } = moment;
      const granted = calls === 1 ? '1 call' : `${calls} calls`;
      const where = standIn ? `${upstream}, of ${standIn.model} (${standIn.reason})` : upstream;
      return {
        kind: 'claimed',
        message: `Attempt ${attempt}: claimed by a worker, with ${granted} on ${where}.`,
        attempt,
      };
    }
    case 'sent': {
      const { attempt, image, upstream } = moment;
      return { kind: 'sent', message: `Sent to ${upstream}${toPicture(image)}.`, attempt, image };
    }
    case 'answered':
      return toAnswered(moment, tookMs);
    case 'retrying': {
      const { code, availableAt } = moment;
      const message = `Waiting for the next attempt, not before ${new Date(availableAt).toISOString()}: ${toMeaning(code)}`;
      return { kind: 'waiting', message, code };
    }
    case 'returned':
      return { kind: 'returned', message: 'Returned to the queue by its worker.' };
    case 'succeeded':
      return { kind: 'stored', message: `Done: ${toPictures(moment.pictures)} stored.` };
    case 'failed':
      return { kind: 'failed', message: `Failed: ${toMeaning(moment.code)}`, code: moment.code };
    case 'cancelled':
      return { kind: 'cancelled', message: 'Cancelled.' };
    case 'called-back':
      return { kind: 'called-back', message: toCallback(moment) };
  }
}

type Moment<Kind extends RequestMoment['kind']> = Extract<RequestMoment, { readonly kind: Kind }>;

function toAnswered({ attempt, image, result, code, costMicros }: Moment<'answered'>, tookMs: number | undefined) {
  const took = tookMs === undefined ? '' : ` after ${(tookMs / 1_000).toFixed(1)} s`;
  const cost = costMicros === 0 ? '' : ` It cost $${toDollars(costMicros).toFixed(4)}.`;
  const why = code === undefined ? '' : ` ${toMeaning(code)}`;
  const what = {
    succeeded: `Answered${took}${toPicture(image)}.`,
    failed: `The call failed${took}${toPicture(image)}.${why}`,
    lost: `The answer was lost with its worker${toPicture(image)}.`,
    interrupted: `The call was given up because its worker shut down${toPicture(image)}.`,
  }[result];
  return { kind: 'answered', message: `${what}${cost}`, attempt, image, ...(code && { code }) } as const;
}

function toCallback({ url, isDelivered, httpStatus }: Moment<'called-back'>): string {
  const answer = httpStatus === undefined ? '' : ` (${httpStatus})`;
  return isDelivered
    ? `The webhook was delivered to ${toHost(url)}${answer}.`
    : `The webhook to ${toHost(url)} was given up${answer}.`;
}

function toCallName({ attempt, image }: Moment<'sent' | 'answered'>): string {
  return `${attempt} ${image}`;
}

/** Which of the requested pictures; people count from 1. */
function toPicture(image: number): string {
  return `, picture ${image + 1}`;
}

function toPictures(pictures: number): string {
  return pictures === 1 ? '1 picture is' : `${pictures} pictures are`;
}

function toMeaning(code: keyof typeof failureKinds): string {
  return failureKinds[code].meaning;
}
