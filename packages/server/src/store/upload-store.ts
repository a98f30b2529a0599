/**
 * Uploads: the addresses that were given out, and what has come to them. The bytes lie in the storage of the pictures; here is
 * whose they are, how many a key and its organization have, and when those that no request has used are over. `RequestStore.submit`
 * marks what a request uses. Writes are durable before they resolve; no cost grows with the number of uploads.
 */
export interface UploadStore {
  /**
   * Keeps that an address was given out. It counts as `bytes`, as long as nobody knows how many come. Resolves to `false`, and
   * keeps nothing, when with it the key or the organization would have more bytes of unused uploads than `limits` allows.
   */
  grant(upload: NewUpload, limits: UploadLimits): Promise<boolean>;
  /** Whose address it is; `undefined` when none of this name was given out, or its time is over. */
  findOwner(name: string): Promise<UploadOwner | undefined>;
  /**
   * Gives the name to the first bytes that have come whole, of whatever process: `taken`, also when these bytes have taken it
   * before; `conflict` when others have; `missing` when there is no such address, or its time is over. Whoever hears `taken` stores
   * them. From the first time on it counts as `bytes` and ends at `endsAt`, unless a request uses it.
   */
  take(name: string, content: UploadContent): Promise<'taken' | 'conflict' | 'missing'>;
  /**
   * Keeps how long the bytes are that were taken and that the storage now has: from here on `RequestStore.findPicture` knows them,
   * and their absence is a loss, until their time is over. Called again it changes nothing.
   */
  keepLength(name: string, bytes: number): Promise<void>;
  /**
   * Takes up to `limit` unused uploads whose time is over, for `leaseMs`: nobody else gets them meanwhile, from now on no
   * request uses them, and `findPicture` does not know them. Who has removed the bytes calls `forget`.
   */
  claimEnded(query: {
    readonly now: number;
    readonly limit: number;
    readonly leaseMs: number;
  }): Promise<readonly string[]>;
  /** Forgets uploads that `claimEnded` has given, and counts them no more. */
  forget(names: readonly string[]): Promise<void>;
}

export interface UploadOwner {
  readonly organizationId: string;
  readonly apiKeyId: string;
}

export interface NewUpload extends UploadOwner {
  readonly name: string;
  /** Who takes the bytes: this service, which calls `take`, or the bucket by itself, which tells nobody. */
  readonly via: 'service' | 'bucket';
  readonly bytes: number;
  readonly endsAt: number;
}

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
