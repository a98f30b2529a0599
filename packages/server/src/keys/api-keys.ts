import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatApiKey, hashApiKey } from '../core/api-keys.ts';
import { defaultOrganizationId } from '../core/organization.ts';
import { createKeyId, createSecret } from '../platform/ids.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';

export interface NewKey {
  readonly name: string;
  readonly organizationIds?: readonly [string, ...string[]];
  /** Whether the key may act for the operator of the service. Default: no. */
  readonly isAdmin?: boolean;
  /** How many requests the key may submit in any minute. Default: the limit of the service. */
  readonly requestsPerMinute?: number;
  /** Whether a request that is still queued is cancelled when the client that waits for it goes away. Default: no. */
  readonly cancelWhenGone?: boolean;
  /** The public ids of the models that the key may submit to. Default: all. */
  readonly modelIds?: readonly string[];
  readonly now: number;
}

/** Creates an API key and resolves to its text. The text is not stored: only its hash is kept. */
export async function createApiKey(keys: KeyStore, key: NewKey): Promise<string> {
  const { text, row } = makeApiKey(key);
  await keys.create(row);
  return text;
}

/** Makes a key that is not yet in a store: the text for its owner, and the row to store. */
export function makeApiKey(key: NewKey): { readonly text: string; readonly row: ApiKey } {
  const { name, organizationIds = [defaultOrganizationId], isAdmin = false, requestsPerMinute } = key;
  const { cancelWhenGone = false, modelIds, now: createdAt } = key;
  const id = createKeyId();
  const text = formatApiKey(id, createSecret());
  const given = { name, organizationIds, isAdmin, requestsPerMinute, cancelWhenGone, modelIds };
  return { text, row: { ...given, id, secretHash: hashApiKey(text), createdAt, revokedAt: undefined } };
}

/**
 * Creates the first key, for the operator of this machine, if the store has none. The key is written into the data folder,
 * readable only by its owner, so that the command line needs no set-up. Resolves to its text if this call created it.
 */
export async function ensureFirstKey(keys: KeyStore, dataDir: string, now: number): Promise<string | undefined> {
  const { text, row } = makeApiKey({ name: 'first', isAdmin: true, now });
  if (!(await keys.createFirst(row))) return undefined;
  const file = toKeyFile(dataDir);
  await rm(file, { force: true });
  await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
  return text;
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
