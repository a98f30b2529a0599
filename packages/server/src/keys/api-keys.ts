import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatApiKey, hashApiKey } from '../core/api-keys.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { createKeyId, createSecret } from '../platform/ids.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';

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
export async function createApiKey(keys: KeyStore, key: NewKey): Promise<string> {
  const { text, row } = makeApiKey(key);
  await keys.create(row);
  return text;
}

/** A key that is in no store yet: what its owner is told, and what is kept. */
export function makeApiKey(key: NewKey): { readonly text: string; readonly row: ApiKey } {
  const { name, organizationIds = [defaultOrganizationId], isAdmin = false, requestsPerMinute, now: createdAt } = key;
  const id = createKeyId();
  const text = formatApiKey(id, createSecret());
  const given = { name, organizationIds, isAdmin, requestsPerMinute };
  return { text, row: { ...given, id, secretHash: hashApiKey(text), createdAt, revokedAt: undefined } };
}

/**
 * The first key, for the operator of this machine: made when the store has none, and written into the data folder for
 * its owner alone, so that the command line needs no set-up. Resolves to its text when this call has made it.
 */
export async function ensureFirstKey(keys: KeyStore, dataDir: string, now: number): Promise<string | undefined> {
  const { text, row } = makeApiKey({ name: 'first', isAdmin: true, now });
  if (!(await keys.createFirst(row))) return undefined;
  const file = toKeyFile(dataDir);
  await rm(file, { force: true });
  await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
  return text;
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
