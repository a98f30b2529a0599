const maxKeyLength = 512;

/** Throws a `TypeError` unless `key` keeps the rule of `StorageDriver`. Every driver asks before it touches anything. */
export function assertStorageKey(key: string): void {
  if (key.length > maxKeyLength || !key.split('/').every(isStorageKeySegment)) {
    throw new TypeError(`Not a storage key: ${JSON.stringify(key.slice(0, maxKeyLength))}`);
  }
}

/** The same for the prefix of a list, which may also be empty. */
export function assertStoragePrefix(prefix: string): void {
  if (prefix !== '') assertStorageKey(prefix);
}

export function isStorageKeySegment(segment: string): boolean {
  return /^[A-Za-z0-9._-]{1,255}$/.test(segment) && segment !== '.' && segment !== '..';
}
