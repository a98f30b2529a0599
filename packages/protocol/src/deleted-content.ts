import { z } from 'zod';

/** What the deletion of an organization's content has removed. */
export const deletedContentSchema = z
  .object({
    requests: z.int(),
    uploads: z.int(),
    is_complete: z.boolean().meta({
      description: '`false`: there is more, or calls are still under way. The same call again deletes the rest.',
    }),
  })
  .meta({ id: 'DeletedContent' });

export type DeletedContent = z.infer<typeof deletedContentSchema>;
