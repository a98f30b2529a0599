/**
 * Uploads: the addresses that were given out, and what was uploaded to them. The bytes are in the storage of the pictures; this
 * store knows their owner, how many bytes a key and its organization have, and when unused uploads end. `RequestStore.submit`
 * marks the uploads that a request uses. Writes are durable before they resolve; no cost grows with the number of uploads.
 */
export interface UploadStore {
  /**
   * Keeps an address that is given out. It counts as `bytes` until it is known how many bytes come. When the key or the
   * organization would then have more bytes of unused uploads than `limits` allows, it keeps nothing and resolves to which of them.
   */
  grant(upload: NewUpload, limits: UploadLimits): Promise<ExceededLimit | undefined>;
  /** The owner of the address; `undefined` when none of this name was given out, or when its time is over. */
  findOwner(name: string): Promise<UploadOwner | undefined>;
  /**
   * Gives the name to the first complete bytes, of whatever process. `taken`: these bytes have the name, now or from an earlier
   * call, and the caller stores them. `conflict`: other bytes have it. `missing`: there is no such address, or its time is over.
   * From the first `taken` on the upload counts as `bytes` and ends at `endsAt`, unless a request uses it.
   */
  take(name: string, content: UploadContent): Promise<'taken' | 'conflict' | 'missing'>;
  /**
   * Keeps the length of bytes that were taken and that the storage now has. From then on `RequestStore.findPicture` knows them,
   * and their absence is a loss, until their time is over. Calling it again changes nothing.
   */
  keepLength(name: string, bytes: number): Promise<void>;
  /**
   * Takes up to `limit` unused uploads whose time is over, for `leaseMs`: no other call gets them during that time, no request uses
   * them from now on, and `findPicture` does not know them. After removing the bytes the caller calls `forget`.
   */
  claimEnded(query: {
    readonly now: number;
    readonly limit: number;
    readonly leaseMs: number;
  }): Promise<readonly string[]>;
  /** Forgets uploads that came from `claimEnded`; they no longer count. */
  forget(names: readonly string[]): Promise<void>;
}

export interface UploadOwner {
  readonly organizationId: string;
  readonly apiKeyId: string;
}

export interface NewUpload extends UploadOwner {
  readonly name: string;
  /** Receives the bytes: this service, which calls `take`, or the bucket itself, without a notice. */
  readonly via: 'service' | 'bucket';
  readonly bytes: number;
  readonly endsAt: number;
}

export type ExceededLimit = 'key' | 'organization';

/** Bytes of unused uploads. */
export interface UploadLimits {
  readonly ofKey: number;
  readonly ofOrganization: number;
}

export interface UploadContent {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly endsAt: number;
}
