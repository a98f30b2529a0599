import type { Failure } from '../core/failures.ts';
import type { CallEnd } from '../core/image-request.ts';

/** What a caller is told about a defect. */
export const defect: Failure = {
  code: 'internal_error',
  message: 'Darkroom had an internal error; its log says more.',
};

export function toFailedEnd(end: {
  readonly imageIndex: number;
  readonly failure: Failure;
  readonly endedAt: number;
}): CallEnd {
  return { ...end, result: 'failed', costMicros: 0, isPossiblyBilled: false };
}

/** The worker rests when its disk is nearly full; this is for a disk that fills up faster than that is noticed. */
export const fullDiskPauseMs = 5_000;
