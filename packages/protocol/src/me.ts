import { z } from 'zod';
import { scopeSchema } from './scopes.ts';

export const meSchema = z
  .object({
    api_key_id: z.string(),
    organization_id: z.string().meta({ description: 'The organization that this call was made for.' }),
    organization_ids: z
      .array(z.string())
      .meta({ description: 'All organizations that the key may act for; the first is its default.' }),
    scopes: z.array(scopeSchema).meta({ description: 'What the key may do.' }),
    is_admin: z.boolean().meta({ description: 'Whether the key may make the operator’s calls.' }),
    is_sandbox: z
      .boolean()
      .meta({ description: 'Whether the sandbox draws the pictures because there is no other upstream.' }),
    person: z
      .object({ name: z.string(), session_id: z.string() })
      .optional()
      .meta({ description: 'Who is signed in, when the call was made by a session of the console.' }),
    version: z.string().meta({ description: 'The version of Darkroom.' }),
  })
  .meta({ id: 'Me', description: 'The caller and the service.' });

export type Me = z.infer<typeof meSchema>;
