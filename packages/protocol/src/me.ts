import { z } from 'zod';

export const meSchema = z
  .object({
    api_key_id: z.string(),
    organization_id: z.string().meta({ description: 'For which this call was made.' }),
    organization_ids: z
      .array(z.string())
      .meta({ description: 'All that the key may act for; the first is its default.' }),
    is_admin: z.boolean().meta({ description: 'May the key make the operator’s calls?' }),
    is_sandbox: z.boolean().meta({ description: 'Are pictures drawn by the sandbox, since there is no upstream?' }),
    version: z.string().meta({ description: 'Darkroom’s own.' }),
  })
  .meta({ id: 'Me', description: 'Who calls, and whom.' });

export type Me = z.infer<typeof meSchema>;
