import { z } from 'zod';

/** The five words a request's `status` can be, and nothing else: an official client rejects unknown words. */
export const requestStatuses = ['queued', 'processing', 'success', 'failed', 'cancelled'] as const;

export const requestStatusSchema = z.enum(requestStatuses).meta({
  id: 'RequestStatus',
  description:
    '`queued`: waiting, for a worker or for a retry. `processing`: a worker has it. `success`, `failed` and `cancelled` are final.',
});

export type RequestStatus = z.infer<typeof requestStatusSchema>;
