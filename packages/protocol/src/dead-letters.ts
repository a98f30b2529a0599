import { z } from 'zod';
import { groupDigits } from './group-digits.ts';
import { idCursor, pageSize } from './paging.ts';
import { requestRecordSchema } from './requests.ts';

const failureCode = z.string({ error: 'must be the code of a failure' });
const organizationId = z.string({ error: 'must be the id of an organization' });

export const failedQuerySchema = z.looseObject({
  code: failureCode.optional().meta({ description: 'Only requests that failed with this code.' }),
  organization_id: organizationId.optional(),
  limit: pageSize(100).default(25),
  cursor: idCursor,
});

export const failedListSchema = z
  .object({
    requests: z.array(requestRecordSchema),
    has_more: z.boolean(),
    next_cursor: z.string().optional().meta({ description: 'Only when there are more.' }),
  })
  .meta({ id: 'FailedList', description: 'Failed requests of all organizations, newest first.' });

const maxIds = 1_000;

export const requeueBodySchema = z
  .looseObject(
    {
      request_ids: z
        .array(z.string(), { error: 'must be a list of request ids' })
        .min(1, { error: 'is empty' })
        .max(maxIds, { error: `has more than ${groupDigits(maxIds)} ids` })
        .optional()
        .meta({ description: 'These requests, failed or cancelled.' }),
      code: failureCode.optional().meta({ description: 'Every request that failed with this code.' }),
      all: z.literal(true, { error: 'must be true' }).optional().meta({ description: 'Every failed request.' }),
      organization_id: organizationId
        .optional()
        .meta({ description: 'With `code` or `all`: only requests of this organization.' }),
    },
    { error: 'must be a JSON object {"request_ids": […]}, {"code": …} or {"all": true}' },
  )
  .refine(({ request_ids, code, all }) => [request_ids, code, all].filter((one) => one !== undefined).length === 1, {
    path: ['request_ids'],
    error: 'or code or all must be given, and only one of them',
  })
  .refine(({ request_ids, organization_id }) => request_ids === undefined || organization_id === undefined, {
    path: ['organization_id'],
    error: 'can only be used with code or all',
  });

export const requeueReplySchema = z
  .object({
    requeued: z.int(),
    skipped: z
      .array(z.string())
      .optional()
      .meta({ description: 'With `request_ids`: those that are neither failed nor cancelled, or do not exist.' }),
  })
  .meta({ id: 'RequeueReply' });

export type FailedList = z.infer<typeof failedListSchema>;
export type RequeueReply = z.infer<typeof requeueReplySchema>;
