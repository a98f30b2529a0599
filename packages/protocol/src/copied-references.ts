/**
 * Spells a picture in `next_turn_contents` that is not a result of its request: a reference of the user, or a picture of an
 * earlier turn. Clients of this wire save every http URL that they find under `outcome` as a result, so these must not be
 * http URLs. Wherever a reference is accepted, the spelling means the URL that it holds.
 */
export function toCopiedReference(url: string): string {
  return `${scheme}${encodeURIComponent(url)}`;
}

/** The URL of a copied reference. Any other text is returned as it is. */
export function fromCopiedReference(uri: string): string {
  if (!uri.startsWith(scheme)) return uri;
  try {
    return decodeURIComponent(uri.slice(scheme.length));
  } catch {
    // Not a spelling that this service wrote: the next check refuses it as a reference.
    return uri;
  }
}

const scheme = 'ref:';
