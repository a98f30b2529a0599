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
 * The rows of an object, or of several that differ only in the words that a key may have, which then become the words of one row,
 * and in keys that not all of them have. Throws when they differ in more, because one table could not show it.
 */
export function toBodyRows({ anyOf, ...schema }: Schema): readonly (readonly string[])[] {
  if (!anyOf) return toKeyRows(schema);
  const bodies = anyOf.map((one) => new Map(toKeyRows(one).map((row) => [row[0] ?? '', row])));
  const keys = bodies.toSorted((a, b) => b.size - a.size).flatMap((rows) => [...rows.keys()]);
  return [...new Set(keys)].map((key) => {
    const rows = bodies.map((body) => body.get(key)).filter((row) => row !== undefined);
    const description = rows[0]?.[2] ?? '';
    const note = rows.length < bodies.length ? ' Not every model takes it.' : '';
    return [
      key,
      mergeTypes(
        rows.map(([, type = '']) => type),
        key,
      ),
      `${description}${note}`,
    ];
  });
}

/** The words of all types. What follows the words, such as their default, is shown when it is the same for all. */
function mergeTypes(types: readonly string[], key: string): string {
  const [type = '', ...others] = new Set(types);
  if (others.length === 0) return type;
  const parts = types.map((one) => /^((?:`[^`]*` ?)+)(;.*)?$/.exec(one));
  if (!parts.every((part) => part !== null)) throw new Error(`The bodies of one call differ in ${key}.`);
  const words = new Set(parts.flatMap(([, some = '']) => some.trim().split(' ')));
  const [rest = '', ...otherRests] = new Set(parts.map(([, , after = '']) => after));
  return `${[...words].join(' ')}${otherRests.length === 0 ? rest : '; the default depends on the model'}`;
}
