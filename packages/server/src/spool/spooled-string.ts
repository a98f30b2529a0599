/** A file of a spool folder. */
export interface SpoolFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * A long JSON string that lies in a file instead of memory. `base64`: the file holds the bytes, the JSON their base64.
 * `text`: the file holds the string's own characters (UTF-8).
 */
export class SpooledString {
  readonly file: SpoolFile;
  readonly encoding: 'base64' | 'text';

  constructor(file: SpoolFile, encoding: 'base64' | 'text') {
    this.file = file;
    this.encoding = encoding;
  }
}
