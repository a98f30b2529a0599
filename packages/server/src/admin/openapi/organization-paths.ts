import {
  organizationBodySchema,
  organizationChangeSchema,
  organizationListSchema,
  organizationSchema,
} from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, refusals } from '../../http/openapi/answers.ts';
import { adminPrefix } from '../admin-prefix.ts';

const tags = ['Organizations'];
const forAdmins = ['unauthorized', 'admin_required'] as const;
const requestParams = { path: z.object({ id: z.string() }) };
const one = (description: string) => ({ description, content: json(organizationSchema) });

const list: ZodOpenApiOperationObject = {
  operationId: 'listOrganizations',
  tags,
  summary: 'List the organizations',
  responses: {
    200: { description: 'Every organization.', content: json(organizationListSchema) },
    ...refusals(...forAdmins),
  },
};

const create: ZodOpenApiOperationObject = {
  operationId: 'createOrganization',
  tags,
  summary: 'Make an organization',
  description: 'A key that names an organization that does not exist yet makes it, too.',
  requestBody: { required: true, content: json(organizationBodySchema) },
  responses: {
    201: one('The organization.'),
    ...refusals('invalid_request', 'malformed_json', ...forAdmins, 'organization_exists'),
  },
};

const read: ZodOpenApiOperationObject = {
  operationId: 'getOrganization',
  tags,
  summary: 'Read an organization',
  requestParams,
  responses: { 200: one('The organization.'), ...refusals(...forAdmins, 'not_found') },
};

const change: ZodOpenApiOperationObject = {
  operationId: 'changeOrganization',
  tags,
  summary: 'Rename an organization, or change its limits',
  requestParams,
  requestBody: { required: true, content: json(organizationChangeSchema) },
  responses: {
    200: one('The organization as it is now.'),
    ...refusals('invalid_request', 'malformed_json', ...forAdmins, 'not_found'),
  },
};

const suspend: ZodOpenApiOperationObject = {
  operationId: 'suspendOrganization',
  tags,
  summary: 'Suspend an organization',
  description:
    'Its keys are refused from now on, its open streams end, and none of its requests is begun. Those that are being made run to their end. The default organization and those of the key of the call cannot be suspended.',
  requestParams,
  responses: {
    200: one('The organization as it is now.'),
    ...refusals('invalid_request', ...forAdmins, 'not_found'),
  },
};

const resume: ZodOpenApiOperationObject = {
  operationId: 'resumeOrganization',
  tags,
  summary: 'Resume an organization',
  requestParams,
  responses: { 200: one('The organization as it is now.'), ...refusals(...forAdmins, 'not_found') },
};

const remove: ZodOpenApiOperationObject = {
  operationId: 'removeOrganization',
  tags,
  summary: 'Remove an organization',
  description:
    'It must have no requests and no pictures. Its webhook endpoints and budgets go with it. Keys that belong to no other organization are revoked. The usage keeps what it has spent.',
  requestParams,
  responses: {
    204: { description: 'Removed.' },
    ...refusals('invalid_request', ...forAdmins, 'not_found', 'organization_not_empty'),
  },
};

export const organizationPaths: ZodOpenApiPathsObject = {
  [`${adminPrefix}/organizations`]: { get: list, post: create },
  [`${adminPrefix}/organizations/{id}`]: { get: read, patch: change, delete: remove },
  [`${adminPrefix}/organizations/{id}/suspend`]: { post: suspend },
  [`${adminPrefix}/organizations/{id}/resume`]: { post: resume },
};
