import { z } from 'zod';
import { limitsBodySchema, limitsChangeSchema, limitsSchema } from './limits.ts';
import { nameSchema } from './names.ts';
import { unixSeconds } from './numbers.ts';

const organizationRule = 'must be an id of 1 to 100 letters, digits, dots, dashes and underscores';

export const organizationIdSchema = z
  .string({ error: organizationRule })
  .regex(/^[\w.-]{1,100}$/, { error: organizationRule });

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
    limits: limitsChangeSchema,
  },
  { error: 'must be a JSON object {"name", "limits"}' },
);

export const organizationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    created_at: unixSeconds,
    suspended_at: unixSeconds.nullable(),
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
