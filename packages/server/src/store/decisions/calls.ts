import type { AttemptResult, CallEnd, Lease, Verdict } from '../../core/image-request.ts';
import type { RequestMoment } from '../../core/request-events.ts';
import type { StoredPicture } from '../../core/stored-picture.ts';
import { afterCall, toNewsKeys } from '../../core/upstream-health.ts';
import { type StateChange, toTakeBack } from './upstream-states.ts';

/** A line of the attempt log, as far as the end of its call needs it. */
export interface LineRow {
  readonly upstream: string;
  readonly model: string;
  readonly started_at: number;
  readonly sent_at: number | null;
  readonly result: AttemptResult | null;
}

/** May the calls be sent? Not when the lease is lost, nor when an earlier attempt has brought one of the images. */
export function maySend(
  imageIndexes: readonly number[],
  known: { readonly isHeld: boolean; readonly isBrought: (imageIndex: number) => boolean },
): boolean {
  return known.isHeld && !imageIndexes.some(known.isBrought);
}

/**
 * Is the end of a call written to its line? A line ends once, so the same end reported twice is paid once. Only a `lost` line
 * ends again, since the late answer says what really happened. A line that was never sent can only have failed before it was
 * sent: with any other report it is a leftover, which is removed with the attempt.
 */
export function isEndedBy({ result, sent_at: sentAt }: LineRow, end: CallEnd): boolean {
  return (result === null || result === 'lost') && (sentAt !== null || end.result === 'failed');
}

/** The pictures that a call has brought. */
export function toPictures({ answer }: CallEnd): readonly StoredPicture[] {
  return (answer?.parts ?? []).flatMap((part) => (part.kind === 'picture' ? [part.picture] : []));
}

export function toAnswered({ attempt }: Lease, { imageIndex, result, failure, costMicros }: CallEnd): RequestMoment {
  const code = failure?.code;
  return { kind: 'answered', attempt, image: imageIndex, result, ...(code !== undefined && { code }), costMicros };
}

/**
 * What the end of a call says about its upstream; `undefined`: nothing, since the call was given back. `underWay` returns how
 * many calls of the model are under way on the upstream, this one included; it is called only for failures.
 */
export function toCallNews(line: LineRow, end: CallEnd, underWay: () => number): StateChange | undefined {
  const { sent_at: sentAt } = line;
  const { result, endedAt, failure } = end;
  if (sentAt === null) return toTakeBack(line, endedAt);
  if (result === 'interrupted') return undefined;
  const news = { sentAt, endedAt, failure, underWay: failure === undefined ? 0 : underWay() };
  return { keys: toNewsKeys(line), change: (key, state) => afterCall(key, state, news) };
}

/** How lines end that are still under way when their attempt ends. They were sent, and may have been charged for. */
export type LeftoverResult = 'lost' | 'interrupted';

export function toLeftoverResult(verdict: Verdict): LeftoverResult {
  return verdict.kind === 'interrupt' ? 'interrupted' : 'lost';
}

export function toLeftoverAnswered(
  { attempt }: Lease,
  row: { readonly image_index: number; readonly cost_micros: number },
  result: LeftoverResult,
): RequestMoment {
  return { kind: 'answered', attempt, image: row.image_index, result, costMicros: row.cost_micros };
}
