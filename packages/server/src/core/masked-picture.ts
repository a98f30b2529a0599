import type { SpoolFile } from '@darkroom/json-stream';

/** A picture of the user of which only a part may change, and the mask that says which. Both have the same pixels. */
export interface MaskedPicture {
  readonly original: SpoolFile;
  readonly mask: SpoolFile;
}
