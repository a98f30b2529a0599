import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatApiKey, hashApiKey } from '../core/api-keys.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { createKeyId, createSecret } from '../platform/ids.ts';
import type { KeyStore } from '../store/key-store.ts';

export interface NewKey {
  readonly name: string;
  readonly organizationIds?: readonly [string, ...string[]];
  /** May it act for the operator of the service? Without a word, it may not. */
  readonly isAdmin?: boolean;
  /** Submits in any minute; without it, the service's own limit. */
  readonly requestsPerMinute?: number;
  readonly now: number;
}

/** Makes an API key. The text it resolves to is nowhere else: only its hash is kept. */
export async function createApiKey(
  keys: KeyStore,
  { name, organizationIds = [defaultOrganizationId], isAdmin = false, requestsPerMinute, now }: NewKey,
): Promise<string> {
  const id = createKeyId();
  const key = formatApiKey(id, createSecret());
  const secretHash = hashApiKey(key);
  const given = { name, organizationIds, isAdmin, requestsPerMinute };
  await keys.create({ ...given, id, secretHash, createdAt: now, revokedAt: undefined });
  return key;
}

/**
 * The first key, for the operator of this machine: made when the store has none, and written into the data folder for
 * its owner alone, so that the command line needs no set-up.
 */
export async function ensureFirstKey(keys: KeyStore, dataDir: string, now: number): Promise<void> {
  if ((await keys.list()).length > 0) return;
  const file = toKeyFile(dataDir);
  await rm(file, { force: true });
  const key = await createApiKey(keys, { name: 'first', isAdmin: true, now });
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: 'wx' });
}

/** The first key, as long as its file is there. */
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
