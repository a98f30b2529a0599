/** API keys, hashed, and the secrets of the service. A key belongs to one or more organizations; the first is its default. */
export interface KeyStore {
  /** Keeps a key. Rejects when the id exists. Durable before it resolves. */
  create(key: ApiKey): Promise<void>;
  /**
   * Keeps a key if the store has none yet, revoked ones included; of concurrent calls exactly one keeps its key. Resolves to
   * whether it was this call. Durable before it resolves.
   */
  createFirst(key: ApiKey): Promise<boolean>;
  /** The key of this id, revoked or not. */
  find(id: string): Promise<ApiKey | undefined>;
  /** Every key, oldest first. */
  list(): Promise<readonly ApiKey[]>;
  /**
   * The service's own secret of this name, the same for every process. When there is none, `fresh` becomes it. Durable before it
   * resolves.
   */
  ensureSecret(name: string, fresh: string): Promise<string>;
  /** Revokes a key. Resolves to whether this call revoked it. */
  revoke(id: string, now: number): Promise<boolean>;
}

export interface ApiKey {
  /** The public part of the key, e.g. `k3Vn0aQ2`. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the whole key, in hexadecimal; the key itself is stored nowhere. */
  readonly secretHash: string;
  /** May it act for the operator of the service? */
  readonly isAdmin: boolean;
  /** Submits in any minute; without it, the service's own limit. */
  readonly requestsPerMinute: number | undefined;
  /** Is a request of the key cancelled, if it is still queued, when all clients that wait for it have gone? */
  readonly cancelWhenGone: boolean;
  /** The public ids of the models that it may submit to; without it, all. */
  readonly modelIds: readonly string[] | undefined;
  /** At least one. */
  readonly organizationIds: readonly string[];
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}
