import type { Scope } from '@darkroom/protocol';
import type { By } from '../core/audit.ts';
import type { Limits } from '../core/limits.ts';
import type { Organization } from '../core/organization.ts';
import type { Person } from '../core/person.ts';

/**
 * API keys, hashed, and the secrets of the service. A key belongs to one or more organizations; the first is its default. A write that
 * is given a `By` is noted in the audit log, in its transaction.
 */
export interface KeyStore {
  /** Keeps a key, and the organizations that it names and that do not exist yet. Rejects when the id exists. Durable before it resolves. */
  create(key: ApiKey, by?: By): Promise<void>;
  /**
   * Keeps a key if the store has none yet, revoked ones included; of concurrent calls exactly one keeps its key. Resolves to
   * whether it was this call. Durable before it resolves.
   */
  createFirst(key: ApiKey, by?: By): Promise<boolean>;
  /** The key of this id, revoked or not. */
  find(id: string): Promise<ApiKey | undefined>;
  /** The key of this id with its organizations, as one read: what every call of the API needs. */
  findWithOrganizations(id: string): Promise<KeyWithOrganizations | undefined>;
  /** Every key, oldest first. */
  list(): Promise<readonly ApiKey[]>;
  /**
   * The service's own secret of this name, the same for every process. When there is none, `fresh` becomes it. Durable before it
   * resolves.
   */
  ensureSecret(name: string, fresh: string): Promise<string>;
  /** Revokes a key. Resolves to whether this call revoked it. */
  revoke(id: string, now: number, by?: By): Promise<boolean>;
  /** Changes a key that is not revoked. Resolves to the key as it is afterwards, or to `undefined` when there is none. */
  change(id: string, change: KeyChange, by?: By): Promise<ApiKey | undefined>;
  /**
   * Gives a key that is not revoked another text. The text that it has had so far stays valid until `oldSecretUntil`; an even older
   * one ends at once. Resolves to the key as it is afterwards, or to `undefined` when there is none.
   */
  rotate(id: string, rotation: KeyRotation, by?: By): Promise<ApiKey | undefined>;
  /** Notes that a key was used. An earlier time than the one that is known changes nothing. */
  noteUse(id: string, at: number): Promise<void>;
}

export interface ApiKey {
  /** The public part of the key, e.g. `k3Vn0aQ2`. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the whole key, in hexadecimal; the key itself is stored nowhere. */
  readonly secretHash: string;
  /** What it may do. At least one. */
  readonly scopes: readonly Scope[];
  /** Those that it has of its own. */
  readonly limits: Limits;
  /** Is a request of the key cancelled, if it is still queued, when all clients that wait for it have gone? */
  readonly cancelWhenGone: boolean;
  /** The public ids of the models that it may submit to; without it, all. */
  readonly modelIds: readonly string[] | undefined;
  /** At least one. */
  readonly organizationIds: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** Exact to the hour. */
  readonly lastUsedAt: number | undefined;
  /** The hash of the text before the last rotation, and until when that text is valid. */
  readonly oldSecret: OldSecret | undefined;
  /** Whose row it is, when a person acts by it: then nobody knows a text of it, and scopes and organizations are what the roles give. */
  readonly person?: Person | undefined;
}

export interface OldSecret {
  readonly hash: string;
  readonly until: number;
}

export interface KeyWithOrganizations {
  readonly key: ApiKey;
  /** Those that exist. */
  readonly organizations: readonly Organization[];
}

export type KeyChange = Partial<Pick<ApiKey, 'name' | 'scopes' | 'limits' | 'modelIds' | 'expiresAt'>>;

export interface KeyRotation {
  readonly secretHash: string;
  readonly oldSecretUntil: number;
}
