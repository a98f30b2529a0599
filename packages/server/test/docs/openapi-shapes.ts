import { adminPart } from '../../src/admin/openapi/admin-part.ts';
import { createOpenApiDocument } from '../../src/http/openapi/document.ts';
import { healthPart, housePart } from '../../src/http/openapi/house-parts.ts';
import { createQueuePart } from '../../src/wires/queue/openapi/queue-part.ts';
import { models } from '../models.ts';

/** The parts of JSON Schema that the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** An empty list: the call needs no key. Otherwise with the scope that the key must have. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

export interface OpenApi {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The document as clients of a service with every wire get it. */
export async function readOpenApi(): Promise<OpenApi> {
  const document = await createOpenApiDocument([createQueuePart(models), housePart, adminPart, healthPart]);
  return JSON.parse(JSON.stringify(document)) as OpenApi; // our own document, which has these shapes
}
