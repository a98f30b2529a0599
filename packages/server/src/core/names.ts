import { z } from 'zod';

/** Which strings of a value are names (an id, an address, a key) and not texts. */
export interface Names {
  /** The keys of the value itself that hold names; `undefined`: all of its keys. */
  readonly keys: readonly string[] | undefined;
  /** Deeper inside, only the strings at these keys are names. */
  readonly inner?: ReadonlySet<string>;
}

export interface BrokenName {
  readonly path: readonly PropertyKey[];
  /** The end of a sentence that begins with the path. */
  readonly message: string;
}

/** The keys that the schema knows hold names. The others are not read. */
export function namesOf(schema: z.ZodType): Names {
  return { keys: schema instanceof z.ZodObject ? Object.keys(schema.shape) : undefined };
}

/**
 * Names that no store and no other service accepts: PostgreSQL has no text with the character U+0000, and half of a character (a
 * lone surrogate) cannot be written in UTF-8.
 */
export function findBrokenNames(value: object, { keys, inner }: Names): readonly BrokenName[] {
  const broken: BrokenName[] = [];
  const path: (string | number)[] = [];
  const look = (found: unknown, isName: boolean): void => {
    if (typeof found === 'string') {
      const message = isName ? describeBroken(found) : undefined;
      if (message !== undefined) broken.push({ path: [...path], message });
    } else if (Array.isArray(found)) {
      for (let index = 0; index < found.length; index += 1) lookAt(index, found[index], isName);
    } else if (typeof found === 'object' && found !== null) {
      for (const [key, one] of Object.entries(found)) lookAt(key, one, inner?.has(key) ?? true);
    }
  };
  const lookAt = (key: string | number, found: unknown, isName: boolean): void => {
    path.push(key);
    look(found, isName);
    path.pop();
  };
  for (const key of keys ?? Object.keys(value)) {
    if (Object.hasOwn(value, key)) lookAt(key, value[key as keyof typeof value], true);
  }
  return broken;
}

function describeBroken(name: string): string | undefined {
  if (name.includes('\0')) return 'contains the character U+0000, which is not allowed in a name';
  return name.isWellFormed() ? undefined : 'contains half of a character (a lone surrogate)';
}
