import type { Readable } from 'node:stream';

/**
 * Where bytes are stored: a folder or a bucket. A driver is simple. It knows keys and bytes, but nothing about
 * pictures, requests or URLs; the media store has the rules.
 *
 * A key is one or more segments of `[A-Za-z0-9._-]`, joined by `/`. No segment is `.` or `..`, or longer than 255
 * characters; a key has at most 512 characters. Any other key is a defect and rejects with a `TypeError`. No key is the
 * folder of another (`a` beside `a/b`): buckets could hold both, but a folder cannot.
 */
export interface StorageDriver {
  /**
   * Stores the whole of `source` (the path of a local file) under `key`, durably, before it resolves. Nobody ever sees
   * a part of the object: until this resolves, the key is missing. Writing a key again replaces the object. The source
   * does not change. When this rejects, nothing is left behind.
   */
  write(key: string, source: string, options: WriteOptions): Promise<void>;

  /**
   * The object, or `undefined` when it does not exist. With `range`, the stream has only those bytes (`start` and `end`
   * are inclusive and inside the object). The caller reads the stream to its end or destroys it.
   */
  read(key: string, range?: ByteRange): Promise<StoredObject | undefined>;

  /** The object's size, or `undefined` when it does not exist. */
  stat(key: string): Promise<ObjectStat | undefined>;

  /**
   * Removes the object, and whatever a process left that was killed while it wrote it. Resolves to whether the object
   * existed; a missing one is not an error. Must not be called while the same key is being written.
   */
  delete(key: string): Promise<boolean>;

  /**
   * Removes objects in fewer calls than one for each, where the storage has such a call. Leaves what killed writers have left, which
   * `delete` removes. Rejects when not all of them could be removed.
   */
  readonly deleteStored?: (keys: readonly string[]) => Promise<void>;

  /**
   * Every key in the folder `prefix` and the folders below it (`a/b` gives `a/b/c`, but neither `a/b` nor `a/bc`). The
   * empty prefix gives all keys. They come in no particular order, with one page in memory at a time.
   */
  list(prefix: string): AsyncIterable<string>;

  /**
   * Resolves when writes can be expected to work; otherwise rejects with a sentence that says what to do. It is called
   * before the first write, so that a driver can prepare its place, and may be called again at any time.
   */
  check(): Promise<void>;

  /** Only if the objects have their own addresses, as in a bucket. */
  readonly links?: StorageLinks;
}

/** The addresses of a bucket's objects. Their bytes travel over these addresses and not through this service. */
export interface StorageLinks {
  /** The address at which anybody can read the object for this long, whether it exists or not. */
  signRead(key: string, seconds: number): Promise<string>;

  /** The address at which anybody can store an object of this type, and no other, with a PUT, for this long. */
  signWrite(key: string, options: SignWriteOptions): Promise<string>;

  /** The object's name inside the provider's cloud, e.g. `gs://BUCKET/OBJECT`; missing if there is no such name. */
  readonly toUri?: (key: string) => string;
}

export interface SignWriteOptions {
  readonly contentType: string;
  readonly seconds: number;
}

export interface WriteOptions {
  readonly contentType: string;
  /** For readers of the bucket itself; a folder does not keep it. */
  readonly cacheControl?: string;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ObjectStat {
  /** The size of the whole object, even when only a range of it is read. */
  readonly bytes: number;
}

export interface StoredObject extends ObjectStat {
  readonly stream: Readable;
}
