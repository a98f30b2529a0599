import { isDeepStrictEqual } from 'node:util';
import { problemSchema } from '@darkroom/protocol';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { z } from 'zod';
import type { OpenApiPart } from '../src/http/openapi/document.ts';

/**
 * Checks every JSON answer of the app against its schema in the OpenAPI document. From now on, a test fails if
 * `app.inject` gets an answer that does not match; the error names the address and the mistake. In production no answer
 * is parsed on its way out.
 */
export function guardAnswers(app: FastifyInstance, parts: readonly OpenApiPart[]): void {
  const operations = parts.flatMap(({ paths }) => Object.entries(paths)).map(toOperation);
  const inject: (request: unknown) => Promise<LightMyRequestResponse> = app.inject.bind(app);
  const guarded = async (request: unknown) => {
    const reply = await inject(request);
    assertAnswer(reply, operations);
    return reply;
  };
  app.inject = guarded as typeof app.inject; // tests use the form that takes a request and gives a promise
}

interface Operation {
  readonly path: RegExp;
  /** Schemas by method and status. */
  readonly answers: ReadonlyMap<string, z.ZodType>;
}

function toOperation([path, methods]: [string, object]): Operation {
  const answers = Object.entries<{ readonly responses?: object }>(methods as object as Record<string, object>).flatMap(
    ([method, { responses = {} }]) =>
      Object.entries(responses).flatMap(([status, response]) => {
        const schema: unknown = response?.content?.['application/json']?.schema;
        return schema instanceof z.ZodType ? [[`${method.toUpperCase()} ${status}`, schema] as const] : [];
      }),
  );
  return {
    path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+').replaceAll('/', '/+')}/*$`),
    answers: new Map(answers),
  };
}

/** What no part describes. */
const undescribed = ['/openapi.json'];

function assertAnswer(reply: LightMyRequestResponse, operations: readonly Operation[]): void {
  const { method = 'GET', url = '' } = reply.raw.req;
  const [path = ''] = url.split('?', 1);
  if (!/^application\/json\b/.test(String(reply.headers['content-type'])) || reply.body === '') return;
  if (undescribed.includes(path)) return;
  const answers = operations.find((operation) => operation.path.test(path))?.answers;
  const isRefusal = reply.statusCode >= 400;
  const schema = answers?.get(`${method} ${reply.statusCode}`) ?? (isRefusal ? problemSchema : undefined);
  const place = `${method} ${path} answered ${reply.statusCode}`;
  if (!schema) throw new Error(`${place} with JSON, which the OpenAPI document does not describe`);
  assertJson(schema, reply.body, place);
}

/** Throws when the JSON text does not match the schema; `place` begins the sentence. */
export function assertJson(schema: z.ZodType, text: string, place: string): void {
  const objection = findObjection(schema, parse(text));
  if (objection !== undefined)
    throw new Error(`${place}, and its body is not what the OpenAPI document says: ${objection}`);
}

/** A payload may have the key `__proto__`, which zod ignores. */
function parse(text: string): unknown {
  return JSON.parse(text, (key, value) => (key === '__proto__' ? undefined : value));
}

/** `undefined` when the schema accepts the value unchanged and names every key. */
function findObjection(schema: z.ZodType, value: unknown): string | undefined {
  if (schema instanceof z.ZodUnion) {
    const objections = schema.options.map((option) => findObjection(option as z.ZodType, value)); // of our own schemas, which are those of `zod` itself
    return objections.includes(undefined) ? undefined : objections.join('; or ');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  if (isDeepStrictEqual(parsed.data, value)) return undefined;
  return `it has keys that the schema does not: ${JSON.stringify(value)} instead of ${JSON.stringify(parsed.data)}`;
}
