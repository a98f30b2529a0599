import type { Schema } from './openapi-shapes.ts';

/** The type of a value in words, with its limits and its default. */
export function toTypeWords(schema: Schema): string {
  const { default: fallback } = schema;
  return `${toType(schema)}${fallback === undefined ? '' : `; default ${toValue(fallback)}`}`;
}

function toType(schema: Schema): string {
  const { $ref, anyOf, oneOf, items, type } = schema;
  if ($ref) return toLink($ref);
  const choices = anyOf ?? oneOf;
  if (choices) return [...new Set(choices.map(toType))].join(' or ');
  if (schema.const !== undefined) return toValue(schema.const);
  if (schema.enum) return schema.enum.map(toValue).join(' ');
  if (items) return `list${toLimits(schema.minItems, schema.maxItems, '')} of ${toType(items)}`;
  return typeof type === 'string' ? toPlainType(type, schema) : (type ?? ['anything']).join(' or ');
}

const toValue = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function toPlainType(type: string, { minimum, maximum, minLength, maxLength, format }: Schema): string {
  if (type === 'string' && format === 'binary') return 'bytes';
  if (type === 'string') return `string${toLimits(minLength, maxLength, ' characters')}`;
  return `${type}${toLimits(minimum, maximum, '')}`;
}

function toLimits(min: number | undefined, max: number | undefined, unit: string): string {
  const low = isLimit(min) ? min.toLocaleString('en-US') : undefined;
  const high = isLimit(max) ? max.toLocaleString('en-US') : undefined;
  if (low !== undefined && high !== undefined) return ` (${low} to ${high}${unit})`;
  if (high !== undefined) return ` (at most ${high}${unit})`;
  return low === undefined ? '' : ` (at least ${low}${unit})`;
}

/** The bounds of the safe integers are not a limit that somebody chose. */
function isLimit(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) !== Number.MAX_SAFE_INTEGER;
}

function toLink(ref: string): string {
  const name = ref.split('/').at(-1) ?? '';
  return `[${name}](#${name.toLowerCase()})`;
}

/** A row for each key of an object; keys of nested objects as `outer.inner`, those of lists as `outer[].inner`. */
export function toKeyRows(schema: Schema, prefix = ''): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = `${prefix}${name}`;
    const isRequired = schema.required?.includes(name) ?? false;
    return [
      [`\`${key}\`${isRequired ? '' : '?'}`, toTypeWords(property), property.description ?? ''],
      ...toKeyRows(property, `${key}.`),
      ...toKeyRows(property.items ?? {}, `${key}[].`),
    ];
  });
}

/**
 * The rows of an object, or of several that differ only in the values that name them, which then become the values of
 * one row. Throws when they differ in more, because one table could not show it.
 */
export function toBodyRows({ anyOf, ...schema }: Schema): readonly (readonly string[])[] {
  if (!anyOf) return toKeyRows(schema);
  const [first, ...others] = anyOf.map((one) => toKeyRows(one));
  return (first ?? []).map((row, index) => {
    const [key = '', type = '', description = ''] = row;
    const types = new Set([type, ...others.map((rows) => rows[index]?.[1] ?? '')]);
    const isName = [...types].every((one) => /^`[^`]*`$/.test(one));
    const isSame = others.every((rows) => rows[index]?.[0] === key && rows.length === first?.length);
    if (!isSame || (types.size > 1 && !isName)) throw new Error(`The bodies of one call differ in ${key}.`);
    return [key, [...types].join(' '), description];
  });
}
