import { SpooledString } from '@darkroom/json-stream';

/**
 * Reads JSON as the upstream's gateway does. Names are in camelCase or snake_case, and unknown names are refused by name.
 * `null` counts as missing. A single value in place of a list counts as a list of one.
 *
 * A reader notes each violation and continues, so that one answer names all of them.
 */
export type Reader<T> = (value: unknown, at: string, violations: Violation[]) => T | undefined;

export interface Violation {
  /** The path in snake_case: `generation_config.image_config`. Empty for the whole request. */
  readonly field: string;
  readonly description: string;
}

/** The type of a message with these fields. Every field of the upstream is optional. */
export type Read<F extends Fields> = { readonly [K in keyof F]?: F[K] extends Reader<infer T> ? T : never };

type Fields = Readonly<Record<string, Reader<unknown>>>;

export const anything: Reader<unknown> = (value) => value;

export const text: Reader<string> = (value, at, violations) =>
  typeof value === 'string' ? value : refuse(value, { at, type: 'TYPE_STRING', violations });

export const flag: Reader<boolean> = (value, at, violations) =>
  typeof value === 'boolean' ? value : refuse(value, { at, type: 'TYPE_BOOL', violations });

export const decimal: Reader<number> = (value, at, violations) =>
  toNumber(value) ?? refuse(value, { at, type: 'TYPE_FLOAT', violations });

export const integer: Reader<number> = (value, at, violations) => {
  const number = toNumber(value);
  return Number.isInteger(number) ? number : refuse(value, { at, type: 'TYPE_INT32', violations });
};

/** Base64 in JSON, which the spool has written to a file. */
export const bytes: Reader<SpooledString> = (value, at, violations) =>
  value instanceof SpooledString ? value : refuse(value, { at, type: 'TYPE_BYTES', violations });

/** One of `words`, in upper or lower case. */
export function word<W extends string>(type: string, words: readonly W[]): Reader<W> {
  return (value, at, violations) => {
    const known =
      typeof value === 'string' ? words.find((one) => one.toUpperCase() === value.toUpperCase()) : undefined;
    return known ?? refuse(value, { at, type: toTypeUrl(type), violations });
  };
}

export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, at, violations) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values
      .map((one, index) => item(one, Array.isArray(value) ? `${at}[${index}]` : at, violations))
      .filter((one) => one !== undefined);
  };
}

export function message<F extends Fields>(type: string, fields: F): Reader<Read<F>> {
  const names = new Map(
    Object.keys(fields).flatMap((name) => [[name, name] as const, [toSnakeCase(name), name] as const]),
  );
  return (value, at, violations) => {
    if (!isObject(value)) return refuse(value, { at, type: toTypeUrl(type), violations });
    const read: Record<string, unknown> = {};
    for (const [key, part] of Object.entries(value)) {
      const name = names.get(key);
      if (name === undefined) note(violations, unknownName(key, at));
      else if (part !== null) read[name] = fields[name]?.(part, join(at, toSnakeCase(name)), violations);
    }
    // Each value was read by the reader of its field.
    return read as Read<F>;
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SpooledString);
}

function refuse(
  value: unknown,
  { at, type, violations }: { readonly at: string; readonly type: string; readonly violations: Violation[] },
): undefined {
  note(violations, {
    field: at,
    description:
      at === ''
        ? 'Invalid JSON payload received. Unknown name "": Root element must be a message.'
        : `Invalid value at '${at}' (${type}), ${show(value)}`,
  });
}

// A hostile body may have a million unknown names. The answer stays readable.
const maxViolations = 20;

function note(violations: Violation[], violation: Violation): void {
  if (violations.length < maxViolations) violations.push(violation);
}

function unknownName(name: string, at: string): Violation {
  const place = at === '' ? '' : ` at '${at}'`;
  const shown = JSON.stringify(name.slice(0, 100));
  return { field: at, description: `Invalid JSON payload received. Unknown name ${shown}${place}: Cannot find field.` };
}

function show(value: unknown): string {
  if (value instanceof SpooledString) return '"…"';
  return typeof value === 'object' && value !== null ? '{…}' : JSON.stringify(value)?.slice(0, 100);
}

function toNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function toTypeUrl(type: string): string {
  return `type.googleapis.com/google.ai.generativelanguage.v1beta.${type}`;
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function join(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
