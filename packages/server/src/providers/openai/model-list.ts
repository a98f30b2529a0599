import { z } from 'zod';

/** OpenAI's list, and the bare list of some engines. */
const listSchema = z.union([
  z.object({ data: z.array(z.object({ id: z.string() })) }).transform(({ data }) => data),
  z.array(z.object({ id: z.string() })),
]);

export function listsModel(text: string, id: string): boolean {
  return readIds(text).includes(id);
}

const shown = 10;

export function describeMissingModel(text: string, id: string): string {
  const ids = readIds(text);
  if (ids.length === 0) return 'The upstream lists no models under this address: check the base URL.';
  const listed = ids.slice(0, shown).map((one) => one.slice(0, 100));
  const more = ids.length > shown ? ` and ${ids.length - shown} more` : '';
  return `The upstream has no model ${id}; it has ${listed.join(', ')}${more}.`;
}

function readIds(text: string): readonly string[] {
  try {
    return (listSchema.safeParse(JSON.parse(text)).data ?? []).map(({ id }) => id);
  } catch {
    return [];
  }
}
