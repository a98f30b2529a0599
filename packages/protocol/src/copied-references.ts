/**
 * How `next_turn_contents` spells a picture that is not a result of its request: a reference of the user's, or a picture of
 * an earlier turn. Clients of this wire save every http URL that they find under `outcome` as a result, and this is none. It
 * means the URL that it holds, wherever a reference may stand.
 */
export function toCopiedReference(url: string): string {
  return `${scheme}${encodeURIComponent(url)}`;
}

/** The URL that a copied reference means; any other text as it is. */
export function fromCopiedReference(uri: string): string {
  if (!uri.startsWith(scheme)) return uri;
  try {
    return decodeURIComponent(uri.slice(scheme.length));
  } catch {
    // Not as it was given out: no reference, as whoever checks it next will find.
    return uri;
  }
}

const scheme = 'ref:';
