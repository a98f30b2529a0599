/** Decodes the escapes between the quotes of a JSON string; `undefined` if the text is not such a string. */
export function unescapeString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
