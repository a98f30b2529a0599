import {
  batchJobListSchema,
  budgetBodySchema,
  budgetKeySchema,
  budgetListSchema,
  budgetSchema,
  deletedContentSchema,
  failedListSchema,
  failedQuerySchema,
  requeueBodySchema,
  requeueReplySchema,
  throughputSchema,
  upstreamListSchema,
} from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, refusals } from '../../http/openapi/answers.ts';
import { adminPrefix } from '../admin-prefix.ts';

const tags = ['Operator'];
const forAdmins = ['unauthorized', 'admin_required'] as const;

const failed: ZodOpenApiOperationObject = {
  operationId: 'listFailed',
  tags,
  summary: 'List failed requests of all organizations',
  requestParams: { query: failedQuerySchema },
  responses: {
    200: { description: 'A page.', content: json(failedListSchema) },
    ...refusals('invalid_request', ...forAdmins),
  },
};

const requeue: ZodOpenApiOperationObject = {
  operationId: 'requeue',
  tags,
  summary: 'Queue failed requests again',
  description:
    'With `request_ids`, cancelled requests too. With `code` or `all`, the requests that had failed when the call arrived; a request that fails again stays failed.',
  requestBody: { required: true, content: json(requeueBodySchema) },
  responses: {
    200: { description: 'How many requests were queued.', content: json(requeueReplySchema) },
    ...refusals('invalid_request', 'malformed_json', ...forAdmins),
  },
};

const upstreams: ZodOpenApiOperationObject = {
  operationId: 'listUpstreams',
  tags,
  summary: 'Read the state of the upstreams',
  responses: {
    200: { description: 'The state of each upstream, for each model.', content: json(upstreamListSchema) },
    ...refusals(...forAdmins),
  },
};

const batchJobs: ZodOpenApiOperationObject = {
  operationId: 'listBatchJobs',
  tags,
  summary: 'List the batch jobs at the upstreams',
  responses: {
    200: {
      description: 'The jobs that have not ended, and the last ones that have.',
      content: json(batchJobListSchema),
    },
    ...refusals(...forAdmins),
  },
};

function toPausePaths(what: 'upstream' | 'model'): ZodOpenApiPathsObject {
  const code = what === 'upstream' ? 'not_found' : 'model_not_found';
  const name = z.string().meta({
    description: what === 'upstream' ? 'The name of the upstream.' : 'The public id of the model.',
  });
  const toOperation = (verb: 'pause' | 'resume', description: string): ZodOpenApiOperationObject => ({
    operationId: `${verb}${what === 'upstream' ? 'Upstream' : 'Model'}`,
    tags,
    summary: `${verb === 'pause' ? 'Pause' : 'Resume'} ${what === 'upstream' ? 'an upstream' : 'a model on every upstream'}`,
    description,
    requestParams: { path: z.object({ name }) },
    responses: {
      200: { description: 'Its state now.', content: json(upstreamListSchema) },
      ...refusals(...forAdmins, code),
    },
  });
  const path = `${adminPrefix}/${what}s/{name}`;
  return {
    [`${path}/pause`]: {
      post: toOperation(
        'pause',
        'No calls are made until it is resumed. Calls under way are completed, and requests wait.',
      ),
    },
    [`${path}/resume`]: {
      post: toOperation(
        'resume',
        'Also ends any rest that the upstream has asked for: the next call may start at once.',
      ),
    },
  };
}

const listBudgets: ZodOpenApiOperationObject = {
  operationId: 'listBudgets',
  tags,
  summary: 'List the budgets',
  responses: {
    200: { description: 'Every budget, and how much of it is used.', content: json(budgetListSchema) },
    ...refusals(...forAdmins),
  },
};

const setBudget: ZodOpenApiOperationObject = {
  operationId: 'setBudget',
  tags,
  summary: 'Set a budget, or change its limit',
  requestBody: { required: true, content: json(budgetBodySchema) },
  responses: {
    200: {
      description: 'The budget. What has already been spent in the current period counts.',
      content: json(budgetSchema),
    },
    ...refusals('invalid_request', 'malformed_json', ...forAdmins, 'not_found'),
  },
};

const removeContent: ZodOpenApiOperationObject = {
  operationId: 'deleteOrganizationContent',
  tags,
  summary: 'Delete everything that an organization has sent and made',
  description:
    'Its open requests are cancelled, and all its requests, pictures, uploads and webhook endpoints are deleted. Its keys, its budgets and what it has spent stay. The call takes at most half a minute; repeat it while `is_complete` is `false`.',
  requestParams: { path: z.object({ id: z.string() }) },
  responses: {
    200: { description: 'What this call has deleted.', content: json(deletedContentSchema) },
    ...refusals('invalid_request', ...forAdmins),
  },
};

const removeBudget: ZodOpenApiOperationObject = {
  operationId: 'removeBudget',
  tags,
  summary: 'Remove a budget',
  requestParams: { path: budgetKeySchema },
  responses: { 204: { description: 'Removed.' }, ...refusals('invalid_request', ...forAdmins, 'not_found') },
};

const throughput: ZodOpenApiOperationObject = {
  operationId: 'getThroughput',
  tags,
  summary: 'Read how many requests ended in each minute of the last hour',
  responses: {
    200: { description: 'Of all organizations.', content: json(throughputSchema) },
    ...refusals(...forAdmins),
  },
};

export const adminPaths: ZodOpenApiPathsObject = {
  [`${adminPrefix}/failed`]: { get: failed },
  [`${adminPrefix}/requeue`]: { post: requeue },
  [`${adminPrefix}/upstreams`]: { get: upstreams },
  [`${adminPrefix}/batch-jobs`]: { get: batchJobs },
  [`${adminPrefix}/throughput`]: { get: throughput },
  ...toPausePaths('upstream'),
  ...toPausePaths('model'),
  [`${adminPrefix}/budgets`]: { get: listBudgets, put: setBudget },
  [`${adminPrefix}/budgets/{scope}/{id}/{period}`]: { delete: removeBudget },
  [`${adminPrefix}/organizations/{id}/content`]: { delete: removeContent },
};
