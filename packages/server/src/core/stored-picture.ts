import type { ImageOutputFormat, Pixels } from '@darkroom/protocol';

/** A picture of an outcome, as the media store keeps it and as the row names it. */
export interface StoredPicture {
  /** The last segment of its URL: an unguessable id and the extension of its true format, e.g. `Zk3…Q.png`. */
  readonly name: string;
  readonly format: ImageOutputFormat;
  readonly bytes: number;
  /** SHA-256 of the bytes at its URL, in hexadecimal. */
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  /** The requested pixels, only when the upstream made others. */
  readonly asked?: Pixels;
  /** Do its bytes hold content credentials (C2PA), which say by whom they were made? */
  readonly hasCredentials?: boolean;
  /** What is wrong with it, as a sentence, only when something is. */
  readonly flaw?: string;
  /** The key of the bytes as the upstream sent them, only when they were transcoded. */
  readonly originalKey?: string;
  /** The key of its signature, when the upstream gave one. */
  readonly signatureKey?: string;
}

/** What is known of a stored picture's file, whatever its origin: enough to tell whether the storage has all of it. */
export type PictureFile = Pick<StoredPicture, 'name' | 'bytes' | 'originalKey'>;

/** A picture as lists of all pictures have it. */
export interface ListedPicture extends Omit<PictureFile, 'bytes'>, Partial<Pick<StoredPicture, 'sha256'>> {
  /** `undefined`: its row is damaged and does not say. */
  readonly bytes: number | undefined;
  /** The keys of everything else that its answer has in the storage: originals and signatures. */
  readonly otherKeys?: readonly string[];
}
