import type { Readable } from 'node:stream';

/**
 * Where bytes lie: a folder or a bucket. A driver is dumb: it knows keys and bytes, and nothing of pictures, requests or
 * URLs; the rules are the media store's.
 *
 * A key is one or more segments of `[A-Za-z0-9._-]`, joined by `/`; no segment is `.` or `..`, or longer than 255
 * characters; at most 512 characters in all. Any other key is a defect and rejects with a `TypeError`. No key is the
 * folder of another (`a` beside `a/b`): buckets could hold both, a folder cannot.
 */
export interface StorageDriver {
  /**
   * Stores the whole of `source` (the path of a local file) under `key`, durably, before it resolves. Nobody ever sees a
   * part of it: until it resolves the key is missing. Writing a key again replaces it. The source is left as it is.
   * When it rejects, nothing is left behind.
   */
  write(key: string, source: string, options: WriteOptions): Promise<void>;

  /**
   * The object, or `undefined` when there is none. With `range` the stream gives just those bytes (`start` and `end` are
   * inclusive and inside the object). The caller reads the stream to its end or destroys it.
   */
  read(key: string, range?: ByteRange): Promise<StoredObject | undefined>;

  /** The object's size, or `undefined` when there is none. */
  stat(key: string): Promise<ObjectStat | undefined>;

  /**
   * Removes the object, and what a process has left of it that was killed while it wrote it. Resolves to whether the object
   * was there; a missing one is no error. Not to be called while the same key is written.
   */
  delete(key: string): Promise<boolean>;

  /**
   * Every key in the folder `prefix` and the folders below it (`a/b` gives `a/b/c`, but neither `a/b` nor `a/bc`); the
   * empty prefix gives all. In no particular order, one page in memory at a time.
   */
  list(prefix: string): AsyncIterable<string>;

  /**
   * Resolves when a write can be expected to work; rejects with a sentence that says what to do when not. It comes before
   * the first write, so that a driver can prepare its place, and may come again at any time.
   */
  check(): Promise<void>;

  /** Only where the objects have addresses of their own: in a bucket. */
  readonly links?: StorageLinks;
}

/** The addresses of a bucket's objects, over which their bytes travel without passing through here. */
export interface StorageLinks {
  /** The address at which anybody can read the object for so long, whether it is there or not. */
  signRead(key: string, seconds: number): Promise<string>;

  /** The address at which anybody can store an object of this type and no other, with a PUT, for so long. */
  signWrite(key: string, options: SignWriteOptions): Promise<string>;

  /** Its name inside the provider's cloud, e.g. `gs://BUCKET/OBJECT`; missing where there is no such name. */
  readonly toUri?: (key: string) => string;
}

export interface SignWriteOptions {
  readonly contentType: string;
  readonly seconds: number;
}

export interface WriteOptions {
  readonly contentType: string;
  /** For whoever reads the object from the bucket itself; a folder forgets it. */
  readonly cacheControl?: string;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ObjectStat {
  /** The size of the whole object, also when only a range of it is read. */
  readonly bytes: number;
}

export interface StoredObject extends ObjectStat {
  readonly stream: Readable;
}
