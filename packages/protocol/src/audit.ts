import { z } from 'zod';
import { pageSize, wholeNumberText } from './numbers.ts';

/** Everything that the audit log notes, and what it means. */
export const auditActions = {
  'key.created': 'An API key was made.',
  'key.changed': 'Name, scopes, limits, models or expiry of an API key were changed.',
  'key.rotated': 'An API key got another text.',
  'key.revoked': 'An API key was revoked.',
  'organization.created': 'An organization was made.',
  'organization.changed': 'Name or limits of an organization were changed.',
  'organization.suspended': 'An organization was suspended.',
  'organization.resumed': 'The suspension of an organization was ended.',
  'organization.removed': 'An organization was removed.',
  'budget.set': 'A budget was set, or its limit changed.',
  'budget.removed': 'A budget was removed.',
  'upstream.paused': 'An upstream was paused.',
  'upstream.resumed': 'The pause or the rest of an upstream was ended.',
  'model.paused': 'A model was paused.',
  'model.resumed': 'The pause or the rest of a model was ended.',
  'request.requeued': 'Requests that had failed or were cancelled were queued again.',
  'request.deleted': 'A request was deleted, with its pictures.',
  'upload.deleted': 'An upload was deleted.',
  'content.deleted':
    'Everything that an organization had sent and made was deleted, or as much as one call could delete.',
  'webhook_endpoint.created': 'A webhook endpoint was added.',
  'webhook_endpoint.changed': 'Address, events or pause of a webhook endpoint were changed.',
  'webhook_endpoint.secret_rotated': 'A webhook endpoint got another secret.',
  'webhook_endpoint.removed': 'A webhook endpoint was removed.',
  'webhook_secret.rotated': 'The secret of an organization that signs for `webhook_url` was replaced.',
  'console.signed_in': 'Somebody signed in to the console.',
  'console.sign_in_refused': 'A sign-in to the console was refused.',
  'console.signed_out': 'Somebody signed out of the console.',
  'session.revoked': 'A session of the console was revoked.',
  'settings.changed': 'A process started with other settings, or another version, than the one before.',
  'store.migrated': 'The schema of the database was brought up to date by `darkroom migrate`.',
  'store.copied': 'The database was filled by `darkroom copy`.',
} as const satisfies Record<string, string>;

export type AuditAction = keyof typeof auditActions;

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
