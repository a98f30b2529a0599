/** Where others find a stored picture. */
export interface MediaAddress {
  /** Where everybody reads it: a URL of this service, or of a public bucket. */
  readonly url: string;
  /** `gs://BUCKET/OBJECT`, when it is stored in a bucket that has such names. */
  readonly gsUri?: string;
}

/** Of the picture `name`. */
export type ToMediaAddress = (name: string) => MediaAddress;
