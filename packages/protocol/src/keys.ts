import { z } from 'zod';
import { wholeNumber } from './numbers.ts';

const seconds = z.int().meta({ description: 'Unix time in whole seconds.' });
const nameRule = 'must be a name of 1 to 100 characters';
const organizationRule = 'must be an id of 1 to 100 letters, digits, dots, dashes and underscores';

export const organizationIdSchema = z
  .string({ error: organizationRule })
  .regex(/^[\w.-]{1,100}$/, { error: organizationRule });

export const keyBodySchema = z.looseObject(
  {
    name: z.string({ error: nameRule }).trim().min(1, { error: nameRule }).max(100, { error: nameRule }),
    organization_ids: z
      .array(organizationIdSchema, { error: 'must be a list of ids of organizations' })
      .min(1, { error: 'must name at least one organization' })
      .max(100, { error: 'must name at most 100 organizations' })
      .optional()
      .meta({
        description: 'Whose requests it can make and see; the first is its default. Without it: `default`.',
      }),
    is_admin: z
      .boolean({ error: 'must be true or false' })
      .optional()
      .meta({ description: 'May it act for the operator of the service?' }),
    requests_per_minute: wholeNumber(1, 1_000_000)
      .optional()
      .meta({ description: 'Submits in any minute; without it, the service’s own limit.' }),
  },
  { error: 'must be a JSON object {"name", "organization_ids", "is_admin", "requests_per_minute"}' },
);

export const keySchema = z
  .object({
    id: z.string().meta({ description: 'The public part of the key: what stands between `dk_` and the next `_`.' }),
    name: z.string(),
    organization_ids: z.array(z.string()),
    is_admin: z.boolean(),
    requests_per_minute: z.int().nullable(),
    created_at: seconds,
    revoked_at: seconds.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const keyListSchema = z
  .object({ keys: z.array(keySchema) })
  .meta({ id: 'ApiKeyList', description: 'Oldest first, revoked ones too.' });

export const newKeySchema = keySchema
  .extend({ api_key: z.string().meta({ description: 'The key itself; it is shown this once and kept nowhere.' }) })
  .meta({ id: 'NewApiKey' });

export type KeyBody = z.input<typeof keyBodySchema>;
export type KeyRecord = z.infer<typeof keySchema>;
export type KeyList = z.infer<typeof keyListSchema>;
export type NewKeyRecord = z.infer<typeof newKeySchema>;
