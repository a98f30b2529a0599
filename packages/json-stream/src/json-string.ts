/** The characters between the quotes of a JSON string, its escapes undone; `undefined` when they are no such string. */
export function unescapeString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
