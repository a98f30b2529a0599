import { z } from 'zod';
import { limitsBodySchema, limitsSchema } from './limits.ts';

const seconds = z.int().meta({ description: 'Unix time in whole seconds.' });
const nameRule = 'must be a name of 1 to 100 characters';
const organizationRule = 'must be an id of 1 to 100 letters, digits, dots, dashes and underscores';

export const organizationIdSchema = z
  .string({ error: organizationRule })
  .regex(/^[\w.-]{1,100}$/, { error: organizationRule });

const nameSchema = z.string({ error: nameRule }).trim().min(1, { error: nameRule }).max(100, { error: nameRule });

export const organizationBodySchema = z.looseObject(
  {
    id: organizationIdSchema.meta({ description: 'Names the organization in keys, budgets and headers. It stays.' }),
    name: nameSchema.optional().meta({ description: 'For people. If left out: the id.' }),
    limits: limitsBodySchema.optional(),
  },
  { error: 'must be a JSON object {"id", "name", "limits"}' },
);

export const organizationChangeSchema = z.looseObject(
  {
    name: nameSchema.optional(),
    limits: limitsBodySchema
      .optional()
      .meta({ description: 'The limits to change; `null` removes one. Those that are left out stay.' }),
  },
  { error: 'must be a JSON object {"name", "limits"}' },
);

export const organizationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    created_at: seconds,
    suspended_at: seconds.nullable(),
    limits: limitsSchema,
    stored_bytes: z.int().meta({ description: 'Bytes of its pictures in the storage.' }),
  })
  .meta({ id: 'Organization' });

export const organizationListSchema = z
  .object({ organizations: z.array(organizationSchema) })
  .meta({ id: 'OrganizationList', description: 'In the order of their ids.' });

export type OrganizationBody = z.input<typeof organizationBodySchema>;
export type OrganizationChange = z.input<typeof organizationChangeSchema>;
export type OrganizationRecord = z.infer<typeof organizationSchema>;
export type OrganizationList = z.infer<typeof organizationListSchema>;
