import type { OpenApiPart } from '../../http/openapi/document.ts';
import { adminPaths } from './admin-paths.ts';
import { auditPaths } from './audit-paths.ts';
import { keyPaths } from './key-paths.ts';
import { organizationPaths } from './organization-paths.ts';
import { sessionPaths } from './session-paths.ts';

/** The operator's part of the OpenAPI document. */
export const adminPart: OpenApiPart = {
  tags: ['Operator', 'Organizations'],
  paths: { ...keyPaths, ...sessionPaths, ...organizationPaths, ...adminPaths, ...auditPaths },
};
