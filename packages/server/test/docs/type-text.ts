import { z } from 'zod';

/** The schemas that have a name of their own in the generated file. */
export type TypeNames = ReadonlyMap<z.core.$ZodType, string>;

interface Place {
  /** May the type be written as its name? Not where it is declared. */
  readonly isNamed: boolean;
  readonly indent?: string;
}

/** The TypeScript type of what a schema takes, as a text. Throws for a kind of schema that no type of the SDK has had so far. */
export function toTypeText(schema: z.core.$ZodType, names: TypeNames, { isNamed, indent = '' }: Place): string {
  const name = names.get(schema);
  if (isNamed && name !== undefined) return name;
  const inner = (one: z.core.$ZodType) => toTypeText(one, names, { isNamed: true, indent });
  if (schema instanceof z.ZodObject) return toObjectText(schema, names, indent);
  if (schema instanceof z.ZodArray) return toArrayText(inner(schema.element));
  if (schema instanceof z.ZodNullable) return `${inner(schema.unwrap())} | null`;
  if (schema instanceof z.ZodUnion) return schema.options.map(inner).join(' | ');
  if (schema instanceof z.ZodRecord) return `Record<string, ${inner(schema.valueType)}>`;
  if (schema instanceof z.ZodEnum) return schema.options.map(toLiteral).join(' | ');
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(toLiteral).join(' | ');
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodString) return 'string';
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodNull) return 'null';
  if (schema instanceof z.ZodUnknown) return 'unknown';
  throw new Error(`There is no text for a ${schema._zod.def.type}.`);
}

/** The description of a schema as a comment before its declaration; empty when it has none. */
export function toComment(schema: z.core.$ZodType, indent: string): string {
  const { description } = z.globalRegistry.get(schema) ?? {};
  return description === undefined ? '' : `${indent}/** ${description} */\n`;
}

function toObjectText(schema: z.ZodObject, names: TypeNames, outer: string): string {
  const indent = `${outer}  `;
  const lines = Object.entries(schema.shape).map(([key, value]) => {
    const isOptional = value instanceof z.ZodOptional;
    const type = toTypeText(isOptional ? value.unwrap() : value, names, { isNamed: true, indent });
    return `${toComment(value, indent)}${indent}${key}${isOptional ? '?' : ''}: ${type}${isOptional ? ' | undefined' : ''};`;
  });
  const isLoose = schema._zod.def.catchall !== undefined;
  return ['{', ...lines, ...(isLoose ? [`${indent}[key: string]: unknown;`] : []), `${outer}}`].join('\n');
}

function toArrayText(element: string): string {
  return /^\w+$/.test(element) ? `${element}[]` : `Array<${element}>`;
}

function toLiteral(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
