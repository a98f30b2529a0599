import path from 'node:path';
import { isDatabaseUrl } from './database-setting.ts';
import type { Config } from './load-config.ts';
import { storageSchema } from './storage-setting.ts';

/** One side of a copy: where a Darkroom keeps its rows and its pictures. */
export type CopyPlace = Pick<Config, 'databaseUrl' | 'dataDir' | 'storage' | 'proxies'>;

export interface CopyPlaceTexts {
  /** A data folder or `postgres://…`. `undefined`: what the settings say. */
  readonly store: string | undefined;
  /** Written like `DARKROOM_STORAGE`. `undefined`: the pictures of the data folder, or what the settings say. */
  readonly storage: string | undefined;
}

/** Reads one side of a copy. The message of an error never contains the value. */
export function parseCopyPlace(texts: CopyPlaceTexts, settings: CopyPlace): CopyPlace {
  const { databaseUrl, dataDir, storage, proxies } = settings;
  const { store } = texts;
  if (store === undefined) return { databaseUrl, dataDir, proxies, storage: parseStorage(texts.storage) ?? storage };
  if (isDatabaseUrl(store))
    return { databaseUrl: store, dataDir, proxies, storage: parseStorage(texts.storage) ?? storage };
  if (/^[\w+.-]+:\/\//.test(store))
    throw new Error('Each side of a copy must be a data folder or postgres://USER:PASSWORD@HOST/DATABASE.');
  const folder = path.resolve(store);
  return { databaseUrl: undefined, dataDir: folder, proxies, storage: parseStorage(texts.storage) ?? { kind: 'disk' } };
}

function parseStorage(text: string | undefined): Config['storage'] | undefined {
  if (text === undefined) return undefined;
  const result = storageSchema.safeParse(text);
  if (!result.success) throw new Error(`The storage ${result.error.issues.map(({ message }) => message).join('; ')}.`);
  return result.data;
}
