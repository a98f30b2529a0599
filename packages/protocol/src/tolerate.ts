import { z } from 'zod';

/**
 * Reads an input as it was meant, before its schema checks it. Clients send two things that a strict reading would refuse,
 * although they have only one meaning. An optional key that was not filled in (`null`, `""`, `[]`) counts as not given. A
 * word or a whole number is accepted in any spelling (`"2k"`, `"JPG"`, `".png"`, `"2"`). Everything else is left to the
 * schema. The input itself is not changed.
 */
export function tolerate(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return isNotSet(value) ? undefined : tolerate(schema.unwrap(), value);
  if (schema instanceof z.ZodPipe) return tolerate(schema.in, value);
  if (schema instanceof z.ZodObject) return isObject(value) ? tolerateKeys(schema.shape, value) : value;
  if (schema instanceof z.ZodArray)
    return Array.isArray(value) ? value.map((item) => tolerate(schema.element, item)) : value;
  if (schema instanceof z.ZodEnum) return typeof value === 'string' ? toWord(schema.options, value) : value;
  if (schema instanceof z.ZodNumber) return typeof value === 'string' && isWhole(value) ? Number(value) : value;
  return value;
}

/** Copies nothing while every value is as it was meant. */
function tolerateKeys(
  shape: z.core.$ZodShape,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  let tolerated: Record<string, unknown> | undefined;
  for (const key of Object.keys(given)) {
    const schema = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (schema === undefined) continue;
    const value = tolerate(schema, given[key]);
    if (value === given[key] && value !== undefined) continue;
    tolerated ??= { ...given };
    if (value === undefined) delete tolerated[key];
    else tolerated[key] = value;
  }
  return tolerated ?? given;
}

/** Is it the value of a key that was not filled in? */
export function isNotSet(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isEmpty) : isEmpty(value);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

/** The option that the text spells, or the text itself. */
function toWord(options: readonly (string | number)[], text: string): string {
  if (options.includes(text)) return text;
  const word = fold(text);
  const spelled =
    options.find((option) => fold(String(option)) === word) ?? options.find((option) => option === synonyms[word]);
  return spelled === undefined ? text : String(spelled);
}

/** Removes what has no meaning: surrounding spaces, capitals, the dot of a file extension, the `image/` of a media type. */
function fold(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^(?:\.|image\/)/, '');
}

/** For words that are not options themselves. */
const synonyms: Readonly<Record<string, string>> = { jpg: 'jpeg', canceled: 'cancelled' };

function isWhole(text: string): boolean {
  return /^\s*-?\d{1,15}\s*$/.test(text);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
