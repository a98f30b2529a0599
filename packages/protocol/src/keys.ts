import { z } from 'zod';
import { wholeNumber } from './numbers.ts';

const seconds = z.int().meta({ description: 'Unix time in whole seconds.' });
const nameRule = 'must be a name of 1 to 100 characters';
const modelRule = 'must be the id of a model';
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
        description:
          'The organizations whose requests the key may make and see; the first is its default. If left out: `default`.',
      }),
    is_admin: z
      .boolean({ error: 'must be true or false' })
      .optional()
      .meta({ description: 'Whether the key may act for the operator of the service.' }),
    requests_per_minute: wholeNumber(1, 1_000_000).optional().meta({
      description: 'How many requests the key may submit in any minute. If left out, the limit of the service applies.',
    }),
    cancel_when_gone: z.boolean({ error: 'must be true or false' }).optional().meta({
      description:
        'Whether a request that is still queued is cancelled when the client that waits for it goes away. If left out, it is not: the same call joins it later.',
    }),
    model_ids: z
      .array(z.string({ error: modelRule }).min(1, { error: modelRule }).max(100, { error: modelRule }), {
        error: 'must be a list of models',
      })
      .min(1, { error: 'must name at least one model' })
      .max(200, { error: 'must name at most 200 models' })
      .optional()
      .meta({
        description: 'The models that the key may submit to, by their ids or aliases. If left out, all of them.',
      }),
  },
  {
    error:
      'must be a JSON object {"name", "organization_ids", "is_admin", "requests_per_minute", "cancel_when_gone", "model_ids"}',
  },
);

export const keySchema = z
  .object({
    id: z.string().meta({ description: 'The public part of the key: the text between `dk_` and the next `_`.' }),
    name: z.string(),
    organization_ids: z.array(z.string()),
    is_admin: z.boolean(),
    requests_per_minute: z.int().nullable(),
    cancel_when_gone: z.boolean(),
    model_ids: z.array(z.string()).nullable(),
    created_at: seconds,
    revoked_at: seconds.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const keyListSchema = z
  .object({ keys: z.array(keySchema) })
  .meta({ id: 'ApiKeyList', description: 'Oldest first, including revoked keys.' });

export const newKeySchema = keySchema
  .extend({ api_key: z.string().meta({ description: 'The key itself. It is shown only once and is not stored.' }) })
  .meta({ id: 'NewApiKey' });

export type KeyBody = z.input<typeof keyBodySchema>;
export type KeyRecord = z.infer<typeof keySchema>;
export type KeyList = z.infer<typeof keyListSchema>;
export type NewKeyRecord = z.infer<typeof newKeySchema>;
