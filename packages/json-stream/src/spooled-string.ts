/** A file of a spool folder. */
export interface SpoolFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * A long JSON string that is kept in a file instead of memory. `base64`: the file holds the bytes, and the JSON their
 * base64. `text`: the file holds the characters as UTF-8, with U+FFFD for half a surrogate pair. `spelled`: the file holds
 * the exact text between the quotes, including escapes, so that the same string can be sent again.
 */
export class SpooledString {
  readonly file: SpoolFile;
  readonly encoding: 'base64' | 'text' | 'spelled';
  /** The media type that the string names if it is a data URI. */
  readonly mimeType: string | undefined;

  constructor(file: SpoolFile, encoding: SpooledString['encoding'], mimeType?: string) {
    this.file = file;
    this.encoding = encoding;
    this.mimeType = mimeType;
  }
}

/** Replaces a string that should have been a `picture` but is not base64. Its content is not kept. */
export class BrokenString {}

/**
 * What a JSON string becomes. `base64`, `text` and `spelled`: a `SpooledString` with that encoding. `picture`: also one with
 * encoding `base64`, but the string may contain white space or be a data URI; any other string becomes a `BrokenString`.
 * `words`: a plain string, or a `SpooledString` with encoding `text` if it is long.
 */
export type Spooling = SpooledString['encoding'] | 'picture' | 'words';
