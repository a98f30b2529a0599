/** Where others find a stored picture. */
export interface MediaAddress {
  /** Where everybody reads it: a URL of this service, or of a public bucket. */
  readonly url: string;
  /** Its name inside Google's cloud, `gs://BUCKET/OBJECT`, when it lies there. */
  readonly gsUri?: string;
}

/** Of the picture `name`. */
export type ToMediaAddress = (name: string) => MediaAddress;
