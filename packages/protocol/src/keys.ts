import { z } from 'zod';
import { limitsBodySchema, limitsChangeSchema, limitsSchema } from './limits.ts';
import { nameSchema } from './names.ts';
import { unixSeconds, wholeNumber } from './numbers.ts';
import { organizationIdSchema } from './organizations.ts';
import { personSchema } from './people.ts';
import { scopeKinds, scopeSchema, scopes } from './scopes.ts';

const modelRule = 'must be the id of a model';
const timeRule = 'must be a Unix time in whole seconds';

const scopesSchema = z
  .array(scopeSchema, { error: 'must be a list of scopes' })
  .min(1, { error: `must name at least one scope of ${scopes.join(', ')}` })
  .meta({
    description: `What the key may do. ${scopes.map((scope) => `\`${scope}\`: ${scopeKinds[scope].meaning}`).join(' ')}`,
  });
const expirySchema = z
  .int({ error: timeRule })
  .min(1, { error: timeRule })
  .max(100_000_000_000, { error: timeRule })
  .meta({ description: 'When the key ends, as Unix time in whole seconds.' });
const modelIdsSchema = z
  .array(z.string({ error: modelRule }).min(1, { error: modelRule }).max(100, { error: modelRule }), {
    error: 'must be a list of models',
  })
  .min(1, { error: 'must name at least one model' })
  .max(200, { error: 'must name at most 200 models' })
  .meta({ description: 'The models that the key may submit to, by their ids or aliases. If left out, all of them.' });

export const keyBodySchema = z.looseObject(
  {
    name: nameSchema,
    organization_ids: z
      .array(organizationIdSchema, { error: 'must be a list of ids of organizations' })
      .min(1, { error: 'must name at least one organization' })
      .max(100, { error: 'must name at most 100 organizations' })
      .optional()
      .meta({
        description:
          'The organizations whose requests the key may make and see; the first is its default. If left out: `default`.',
      }),
    scopes: scopesSchema.optional(),
    is_admin: z.boolean({ error: 'must be true or false' }).optional().meta({
      description: 'Without `scopes`: whether the key has all of them. If left out or false, it has all but `admin`.',
    }),
    expires_at: expirySchema.nullable().optional(),
    limits: limitsBodySchema.optional(),
    requests_per_minute: wholeNumber(1, 1_000_000).optional().meta({
      description: 'How many requests the key may submit in any minute. If left out, the limit of the service applies.',
    }),
    cancel_when_gone: z.boolean({ error: 'must be true or false' }).optional().meta({
      description:
        'Whether a request that is still queued is cancelled when the client that waits for it goes away. If left out, it is not: the same call joins it later.',
    }),
    model_ids: modelIdsSchema.nullable().optional(),
  },
  {
    error:
      'must be a JSON object {"name", "organization_ids", "scopes", "expires_at", "limits", "cancel_when_gone", "model_ids"}',
  },
);

/** What can change of a key. What is left out stays. */
export const keyChangeSchema = z.looseObject(
  {
    name: nameSchema.optional(),
    scopes: scopesSchema.optional(),
    expires_at: expirySchema.nullable().optional(),
    model_ids: modelIdsSchema.nullable().optional().meta({ description: '`null`: all models.' }),
    limits: limitsChangeSchema,
  },
  { error: 'must be a JSON object {"name", "scopes", "expires_at", "model_ids", "limits"}' },
);

const day = 86_400;
export const defaultGraceSeconds = day;

export const keyRotationSchema = z.looseObject(
  {
    grace_seconds: wholeNumber(0, 90 * day)
      .default(defaultGraceSeconds)
      .meta({ description: 'How long the old text of the key is valid beside the new one.' }),
  },
  { error: 'must be a JSON object {"grace_seconds"}' },
);

export const keySchema = z
  .object({
    id: z.string().meta({ description: 'The public part of the key: the text between `dk_` and the next `_`.' }),
    name: z.string(),
    organization_ids: z.array(z.string()),
    scopes: z.array(scopeSchema),
    is_admin: z.boolean().meta({ description: 'Whether `admin` is among the scopes.' }),
    requests_per_minute: z.int().nullable(),
    limits: limitsSchema,
    cancel_when_gone: z.boolean(),
    model_ids: z.array(z.string()).nullable(),
    created_at: unixSeconds,
    expires_at: unixSeconds.nullable(),
    revoked_at: unixSeconds.nullable(),
    last_used_at: unixSeconds.nullable().meta({ description: 'Exact to the hour.' }),
    old_text_until: unixSeconds
      .nullable()
      .meta({ description: 'While the key is being rotated: until when its old text is valid, too.' }),
    person: personSchema
      .nullable()
      .meta({ description: 'The person whose row this is. Nobody has a text of it: it is used by sessions.' }),
  })
  .meta({ id: 'ApiKey' });

export const keyListSchema = z
  .object({ keys: z.array(keySchema) })
  .meta({ id: 'ApiKeyList', description: 'Oldest first, including revoked keys.' });

export const newKeySchema = keySchema
  .extend({ api_key: z.string().meta({ description: 'The key itself. It is shown only once and is not stored.' }) })
  .meta({ id: 'NewApiKey' });

export type KeyBody = z.input<typeof keyBodySchema>;
export type KeyChange = z.input<typeof keyChangeSchema>;
export type KeyRotation = z.input<typeof keyRotationSchema>;
export type KeyRecord = z.infer<typeof keySchema>;
export type KeyList = z.infer<typeof keyListSchema>;
export type NewKeyRecord = z.infer<typeof newKeySchema>;
