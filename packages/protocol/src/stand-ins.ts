import { z } from 'zod';

/** The model that was called instead of the request's. */
export const standInSchema = z
  .object({
    model: z.string(),
    reason: z.enum(['resting', 'overloaded', 'deadline']).meta({
      description:
        '`resting`: every upstream of the request’s model rested or had no quota left. `overloaded`: the upstream refused the call for load. `deadline`: the request’s model had no room, and the deadline was near.',
    }),
  })
  .meta({ id: 'StandIn', description: 'The model that was called instead of the request’s, and why.' });
