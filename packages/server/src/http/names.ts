import { z } from 'zod';

type Path = readonly PropertyKey[];

/** Is the string at this path the name of something: an id, an address, a key, rather than a text? */
export type IsName = (path: Path) => boolean;

export interface BrokenName {
  readonly path: Path;
  /** The end of a sentence that begins with the path. */
  readonly message: string;
}

/** Every string of the keys that the schema knows is a name. What it does not know is nobody's business. */
export function namesOf(schema: z.ZodType): IsName {
  if (!(schema instanceof z.ZodObject)) return () => true;
  const { shape } = schema;
  return ([key]) => key !== undefined && Object.hasOwn(shape, key);
}

/**
 * Names that no store and no other service takes: PostgreSQL has no text with the character U+0000, and half of a character
 * (a lone surrogate) has no spelling in UTF-8.
 */
export function findBrokenNames(value: unknown, isName: IsName, path: Path = []): readonly BrokenName[] {
  if (typeof value === 'string') {
    const message = describeBroken(value);
    return message !== undefined && isName(path) ? [{ path, message }] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const entries: Iterable<readonly [PropertyKey, unknown]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(value);
  return [...entries].flatMap(([key, inner]) => findBrokenNames(inner, isName, [...path, key]));
}

function describeBroken(name: string): string | undefined {
  if (name.includes('\0')) return 'holds the character U+0000, which no name may hold';
  return name.isWellFormed() ? undefined : 'holds half of a character (a lone surrogate)';
}
