import type {
  createDocument,
  ZodOpenApiComponentsObject,
  ZodOpenApiOperationObject,
  ZodOpenApiPathsObject,
} from 'zod-openapi';
import { toScope } from '../scopes.ts';

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
    paths: addScopes(Object.assign({}, ...parts.map(({ paths }) => paths))),
  });
}

const keyOfCalls = [{ apiKey: [] }];

/** Each way to send the key, with the scope that the key must have. */
function addScopes(paths: ZodOpenApiPathsObject): ZodOpenApiPathsObject {
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]: [string, ZodOpenApiOperationObject]) => {
          const scope = toScope(method.toUpperCase(), path);
          const ways = operation.security ?? keyOfCalls;
          if (scope === undefined || ways.length === 0) return [method, operation];
          const security = ways.map((way) => Object.fromEntries(Object.keys(way).map((name) => [name, [scope]])));
          return [method, { ...operation, security }];
        }),
      ),
    ]),
  );
}
