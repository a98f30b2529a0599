import { z } from 'zod';
import { unixSeconds } from './numbers.ts';
import { idCursor, pageSize } from './paging.ts';

export const sessionSchema = z
  .object({
    id: z.string(),
    api_key_id: z.string().meta({ description: 'The row of the person among the keys.' }),
    name: z.string().meta({ description: 'The name of the person.' }),
    created_at: unixSeconds.meta({ description: 'When the person signed in.' }),
    last_seen_at: unixSeconds.meta({ description: 'Exact to the minute.' }),
    ends_at: unixSeconds.meta({ description: 'When the session ends if it is not used again, or when it ended.' }),
    is_active: z.boolean(),
    address: z.string().meta({ description: 'The address that the sign-in came from.' }),
    browser: z.string().meta({ description: 'What the browser calls itself.' }),
  })
  .meta({ id: 'Session' });

export const sessionListSchema = z
  .object({ sessions: z.array(sessionSchema), has_more: z.boolean(), next_cursor: z.string().optional() })
  .meta({ id: 'SessionList', description: 'The last sign-ins first, including ended sessions that are still kept.' });

export const sessionQuerySchema = z.looseObject({
  limit: pageSize(100).default(50),
  cursor: idCursor,
});

export type SessionRecord = z.infer<typeof sessionSchema>;
export type SessionList = z.infer<typeof sessionListSchema>;
