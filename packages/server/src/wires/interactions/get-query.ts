import { z } from 'zod';

const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).optional();

/** The query of `GET /v1beta/interactions/{id}`. */
export const querySchema = z.looseObject({
  stream: flag.meta({ description: 'Streams the events of the interaction.' }),
  last_event_id: z
    .string()
    .regex(/^\d{1,3}$/, { error: 'must be the event_id of an event' })
    .optional()
    .meta({ description: 'With `stream`: only the events after this one.' }),
  include_input: flag.meta({ description: 'Adds `input`. Pictures that were sent inline are given as URLs.' }),
});
