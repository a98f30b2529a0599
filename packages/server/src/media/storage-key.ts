import { createSecret } from '../platform/ids.ts';

const maxKeyLength = 512;

/** Throws a `TypeError` unless `key` follows the rule of `StorageDriver`. Every driver calls this first. */
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

/** The names of objects in a bucket that others may use too: every key is below one prefix. */
export interface BucketNames {
  /** Throws as `assertStorageKey` does. */
  toName(key: string): string;
  /** `undefined` when the object is not ours. */
  toKey(name: string): string | undefined;
  /** The common beginning of the names of all keys in the folder `prefix`; throws as `assertStoragePrefix` does. */
  toNamePrefix(prefix: string): string;
  /**
   * The name of an object that is written to test permissions; no key leads to it. It differs each time, because one of
   * several processes that test at the same time would otherwise remove the others' object.
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
