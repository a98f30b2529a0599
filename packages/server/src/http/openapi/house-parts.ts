import type { OpenApiPart } from './document.ts';
import { healthPaths } from './health-paths.ts';
import { keyPaths } from './key-paths.ts';
import { mediaPaths, uploadPaths } from './picture-paths.ts';

/** The answers of the house itself, whichever wires are mounted. */
export const housePart: OpenApiPart = {
  tags: ['Uploads', 'Media', 'Keys'],
  paths: { ...uploadPaths, ...mediaPaths, ...keyPaths },
};

export const healthPart: OpenApiPart = { tags: ['Health'], paths: healthPaths };
