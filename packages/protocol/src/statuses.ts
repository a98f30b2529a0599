import { z } from 'zod';

/** The five values of a request's `status`. There can be no others: an official client rejects unknown values. */
export const requestStatuses = ['queued', 'processing', 'success', 'failed', 'cancelled'] as const;

export const requestStatusSchema = z.enum(requestStatuses).meta({
  id: 'RequestStatus',
  description:
    '`queued`: waiting for a worker or for a retry. `processing`: a worker has it. `success`, `failed` and `cancelled` are final.',
});

export type RequestStatus = z.infer<typeof requestStatusSchema>;
