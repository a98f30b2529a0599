import { z } from 'zod';
import { type AuditAction, auditActions } from './audit-actions.ts';
import { wholeNumberText } from './numbers.ts';
import { pageSize } from './paging.ts';

const actions = Object.keys(auditActions) as [AuditAction, ...AuditAction[]]; // the table's own keys, and there are some

export const auditActionSchema = z.enum(actions, { error: `must be one of ${actions.join(', ')}` }).meta({
  description: actions.map((action) => `\`${action}\`: ${auditActions[action]}`).join(' '),
});

/** Who can do something: an API key, a person who signed in, a command of this program, the service itself, or nobody known. */
export const actorKinds = ['key', 'person', 'command', 'service', 'unknown'] as const;

const facts = z.record(z.string(), z.unknown()).nullable();

export const auditEntrySchema = z
  .object({
    id: z.string(),
    at: z.number().meta({ description: 'Unix time in seconds, with milliseconds as decimals.' }),
    by: z.object({
      kind: z.enum(actorKinds).meta({
        description:
          '`key`: an API key. `person`: somebody who signed in to the console. `command`: a command on a machine that reaches the database. `service`: Darkroom itself. `unknown`: nobody proved who they are.',
      }),
      id: z.string().meta({
        description:
          'Of a key its id, of a person the subject that the identity provider names, of a command the user of the machine.',
      }),
      name: z.string().meta({ description: 'The name of the key or person, or the command, as it was then.' }),
      address: z.string().nullable().meta({
        description: 'The address that the call came from. Of a command: the name of the machine.',
      }),
    }),
    action: auditActionSchema,
    target: z.string().meta({ description: 'The id or name of what was changed.' }),
    organization_id: z.string().nullable().meta({ description: 'The organization that it concerns.' }),
    before: facts.meta({ description: 'What was before, without secrets.' }),
    after: facts.meta({ description: 'What was afterwards, without secrets.' }),
  })
  .meta({ id: 'AuditEntry', description: 'Somebody changed something.' });

const once = { error: 'must be given once' };
const second = wholeNumberText(0, 100_000_000_000).optional();

const filters = {
  by: z.string(once).optional().meta({ description: 'Only what this key, person or user did; `by.id` of an entry.' }),
  action: auditActionSchema.optional(),
  target: z.string(once).optional().meta({ description: 'Only what was done to this; `target` of an entry.' }),
  organization_id: z.string(once).optional().meta({ description: 'Only what concerns this organization.' }),
  from: second.meta({ description: 'Only what was done at this Unix second or later.' }),
  before: second.meta({ description: 'Only what was done before this Unix second.' }),
};

export const auditExportQuerySchema = z.looseObject(filters);

export const auditQuerySchema = z.looseObject({
  ...filters,
  limit: pageSize(100).default(25),
  cursor: z
    .string()
    .regex(/^\d+-\d+$/, { error: 'must be the next_cursor of an earlier answer' })
    .optional()
    .meta({ description: '`next_cursor` of the previous page.' }),
});

export const auditListSchema = z
  .object({
    entries: z.array(auditEntrySchema),
    has_more: z.boolean(),
    next_cursor: z.string().optional().meta({ description: 'Only when there are more.' }),
  })
  .meta({ id: 'AuditList', description: 'Newest first.' });

export type AuditEntryRecord = z.infer<typeof auditEntrySchema>;
export type AuditList = z.infer<typeof auditListSchema>;
