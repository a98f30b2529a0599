import { createSecret } from '../platform/ids.ts';

const maxKeyLength = 512;

/** Throws a `TypeError` unless `key` keeps the rule of `StorageDriver`. Every driver asks before it touches anything. */
export function assertStorageKey(key: string): void {
  if (!isStorageKey(key)) {
    throw new TypeError(`Not a storage key: ${JSON.stringify(key.slice(0, maxKeyLength))}`);
  }
}

function isStorageKey(key: string): boolean {
  return key.length <= maxKeyLength && key.split('/').every(isStorageKeySegment);
}

/** The same for the prefix of a list, which may also be empty. */
export function assertStoragePrefix(prefix: string): void {
  if (prefix !== '') assertStorageKey(prefix);
}

/** The names of objects in a bucket that others may use too: every key stands below one prefix. */
export interface BucketNames {
  /** Throws as `assertStorageKey` does. */
  toName(key: string): string;
  /** `undefined` when the object is none of ours. */
  toKey(name: string): string | undefined;
  /** What the names of all keys in the folder `prefix` begin with; throws as `assertStoragePrefix` does. */
  toNamePrefix(prefix: string): string;
  /**
   * The name of what is written to see whether one may: no key leads to it. Another one each time: of several processes that
   * look at the same time, one would remove what the others look for.
   */
  readonly probe: string;
}

/** `prefix` is empty, or a key itself. */
export function createBucketNames(prefix: string): BucketNames {
  assertStoragePrefix(prefix);
  const root = prefix === '' ? '' : `${prefix}/`;
  return {
    toName: (key) => {
      assertStorageKey(key);
      return root + key;
    },
    toKey: (name) => {
      const key = name.slice(root.length);
      return name.startsWith(root) && isStorageKey(key) ? key : undefined;
    },
    toNamePrefix: (folder) => {
      assertStoragePrefix(folder);
      return folder === '' ? root : `${root}${folder}/`;
    },
    get probe() {
      return `${root}~probe-${createSecret()}`;
    },
  };
}

export function isStorageKeySegment(segment: string): boolean {
  return /^[A-Za-z0-9._-]{1,255}$/.test(segment) && segment !== '.' && segment !== '..';
}
