import type { createDocument, ZodOpenApiComponentsObject, ZodOpenApiPathsObject } from 'zod-openapi';

/** What one part of the service adds to the document. */
export interface OpenApiPart {
  /** In the order in which a reader sees them. */
  readonly tags: readonly string[];
  readonly paths: ZodOpenApiPathsObject;
  /** Other ways to send a key than `apiKey`, for its paths to name. */
  readonly securitySchemes?: ZodOpenApiComponentsObject['securitySchemes'];
}

/** The OpenAPI document of every route, made from the schemas that check the calls. */
export async function createOpenApiDocument(parts: readonly OpenApiPart[]): Promise<ReturnType<typeof createDocument>> {
  const zodOpenApi = await import('zod-openapi');
  const schemes = parts.map(({ securitySchemes }) => securitySchemes ?? {});
  return zodOpenApi.createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Darkroom',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Submit a prompt, get an id at once, and read the picture when it is ready.',
    },
    security: [{ apiKey: [] }],
    components: { securitySchemes: Object.assign({ apiKey: { type: 'http', scheme: 'bearer' } }, ...schemes) },
    tags: parts.flatMap(({ tags }) => tags.map((name) => ({ name }))),
    paths: Object.assign({}, ...parts.map(({ paths }) => paths)),
  });
}
