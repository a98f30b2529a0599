/** Where others find a stored picture. */
export interface MediaAddress {
  /** Where everyone reads it: a URL of this service, or of a public bucket. */
  readonly url: string;
  /** `gs://BUCKET/OBJECT`, when its bucket has such names. */
  readonly gsUri?: string;
}

/** The address of the picture `name`. */
export type ToMediaAddress = (name: string) => MediaAddress;
