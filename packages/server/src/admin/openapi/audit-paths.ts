import { auditExportQuerySchema, auditListSchema, auditQuerySchema } from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, refusals } from '../../http/openapi/answers.ts';
import { adminPrefix } from '../admin-prefix.ts';

const tags = ['Operator'];
const refused = refusals('invalid_request', 'unauthorized', 'admin_required');

const list: ZodOpenApiOperationObject = {
  operationId: 'listAudit',
  tags,
  summary: 'Read the audit log',
  description: 'Who changed what, when and from where. Entries are never changed and never removed.',
  requestParams: { query: auditQuerySchema },
  responses: { 200: { description: 'A page.', content: json(auditListSchema) }, ...refused },
};

const exported: ZodOpenApiOperationObject = {
  operationId: 'exportAudit',
  tags,
  summary: 'Export the audit log as JSON lines',
  description: 'Each line is an `AuditEntry`, newest first.',
  requestParams: { query: auditExportQuerySchema },
  responses: {
    200: { description: 'All entries that match.', content: { 'application/jsonl': { schema: z.string() } } },
    ...refused,
  },
};

export const auditPaths: ZodOpenApiPathsObject = {
  [`${adminPrefix}/audit`]: { get: list },
  [`${adminPrefix}/audit.jsonl`]: { get: exported },
};
