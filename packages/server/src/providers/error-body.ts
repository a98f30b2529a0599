/** The patterns that look through an error's words are cheap on this much text. */
export const maxMessageLength = 20_000;

/** The value of a body that may not be JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The visible words of a body that is not the expected JSON, such as a proxy's HTML page. */
export function toVisibleText(body: string): string {
  return body
    .slice(0, maxMessageLength)
    .replaceAll(/<(style|script)\b.*?<\/\1>|<[^<>]*>/gis, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
