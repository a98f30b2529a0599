import type { BatchedCall } from '../../store/batch-job-store.ts';

/** By which an answer of a job finds its call. */
export function toCallKey({ lease, imageIndex }: Pick<BatchedCall, 'lease' | 'imageIndex'>): string {
  return `${lease.requestId}.${lease.attempt}.${imageIndex}`;
}
