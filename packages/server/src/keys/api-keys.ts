import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scopes as allScopes, ordinaryScopes, type Scope } from '@darkroom/protocol';
import { formatApiKey, hashApiKey } from '../core/api-keys.ts';
import { type By, theService } from '../core/audit.ts';
import type { Limits } from '../core/limits.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { createKeyId, createSecret } from '../platform/ids.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';

export interface NewKey {
  readonly name: string;
  readonly organizationIds?: readonly [string, ...string[]];
  /** What the key may do. Default: everything, or everything but act for the operator, as `isAdmin` says. */
  readonly scopes?: readonly Scope[];
  /** Without `scopes`: whether the key may act for the operator of the service. Default: no. */
  readonly isAdmin?: boolean;
  /** Limits of its own. Default: those of the service. */
  readonly limits?: Limits;
  /** Whether a request that is still queued is cancelled when the client that waits for it goes away. Default: no. */
  readonly cancelWhenGone?: boolean;
  /** The public ids of the models that the key may submit to. Default: all. */
  readonly modelIds?: readonly string[] | undefined;
  /** When it ends. Default: never. */
  readonly expiresAt?: number | undefined;
  readonly now: number;
}

/** Creates an API key and resolves to its text. The text is not stored: only its hash is kept. */
export async function createApiKey(keys: KeyStore, key: NewKey, by?: By): Promise<string> {
  const { text, row } = makeApiKey(key);
  await keys.create(row, by);
  return text;
}

/** Makes a key that is not yet in a store: the text for its owner, and the row to store. */
export function makeApiKey(key: NewKey): { readonly text: string; readonly row: ApiKey } {
  const { name, organizationIds = [defaultOrganizationId], isAdmin = false, limits = {} } = key;
  const { scopes = isAdmin ? allScopes : ordinaryScopes, cancelWhenGone = false, modelIds, expiresAt } = key;
  const id = createKeyId();
  const text = formatApiKey(id, createSecret());
  const given = { name, organizationIds, scopes, limits, cancelWhenGone, modelIds, expiresAt };
  const unused = { revokedAt: undefined, lastUsedAt: undefined, oldSecret: undefined };
  return { text, row: { ...given, ...unused, id, secretHash: hashApiKey(text), createdAt: key.now } };
}

export interface Rotated {
  /** The new text. It is not stored. */
  readonly text: string;
  readonly key: ApiKey;
}

/**
 * Gives a key another text. Its id, its budgets and everything else stay, and its old text is valid for `graceMs` more. Resolves
 * to `undefined` when there is no such key, or it is revoked.
 */
export async function rotateApiKey(
  keys: Pick<KeyStore, 'rotate'>,
  id: string,
  { graceMs, now, by }: { readonly graceMs: number; readonly now: number; readonly by?: By },
): Promise<Rotated | undefined> {
  const text = formatApiKey(id, createSecret());
  const key = await keys.rotate(id, { secretHash: hashApiKey(text), oldSecretUntil: now + graceMs }, by);
  return key && { text, key };
}

/**
 * Creates the first key, for the operator of this machine, if the store has none. The key is written into the data folder,
 * readable only by its owner, so that the command line needs no set-up. Resolves to its text if this call created it.
 */
export async function ensureFirstKey(keys: KeyStore, dataDir: string, now: number): Promise<string | undefined> {
  const { text, row } = makeApiKey({ name: 'first', isAdmin: true, now });
  if (!(await keys.createFirst(row, { actor: theService, at: now }))) return undefined;
  await writeFirstKey(dataDir, text);
  return text;
}

/** Replaces the file of the first key. */
export async function writeFirstKey(dataDir: string, text: string): Promise<void> {
  const file = toKeyFile(dataDir);
  await rm(file, { force: true });
  await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
}

/** The first key, as long as its file exists. */
export async function readFirstKey(dataDir: string): Promise<string | undefined> {
  try {
    return (await readFile(toKeyFile(dataDir), 'utf8')).trim() || undefined;
  } catch {
    return undefined;
  }
}

function toKeyFile(dataDir: string): string {
  return path.join(dataDir, 'api-key');
}
