/** A file of a spool folder. */
export interface SpoolFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * A long JSON string that lies in a file instead of memory. `base64`: the file holds the bytes, the JSON their base64.
 * `text`: the file holds the string's characters as UTF-8, U+FFFD in the place of half a surrogate pair. `spelled`: the file
 * holds what stands between the quotes, escapes included, so that the very same string can be sent again.
 */
export class SpooledString {
  readonly file: SpoolFile;
  readonly encoding: 'base64' | 'text' | 'spelled';
  /** The type that the string names when it is a data URI. */
  readonly mimeType: string | undefined;

  constructor(file: SpoolFile, encoding: SpooledString['encoding'], mimeType?: string) {
    this.file = file;
    this.encoding = encoding;
    this.mimeType = mimeType;
  }
}

/** In the place of a string that was to be a `picture` and is no base64. Nothing of it is kept. */
export class BrokenString {}

/**
 * What a JSON string becomes. `base64`, `text` and `spelled`: a `SpooledString` of that encoding. `picture`: one of encoding
 * `base64` too, whose string may also hold white space or be a data URI; a string that is none of it becomes a
 * `BrokenString`. `words`: a plain string, or a `SpooledString` of encoding `text` when it is long.
 */
export type Spooling = SpooledString['encoding'] | 'picture' | 'words';
