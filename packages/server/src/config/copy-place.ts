import path from 'node:path';
import { isDatabaseUrl } from './database-setting.ts';
import type { Config } from './load-config.ts';
import { storageSchema } from './storage-setting.ts';

/** A whole Darkroom, as far as it can be copied: its rows and its pictures. */
export type CopyPlace = Pick<Config, 'databaseUrl' | 'dataDir' | 'storage'>;

export interface CopyPlaceTexts {
  /** A data folder, or `postgres://…`; left out: what the settings say. */
  readonly store: string | undefined;
  /** As `DARKROOM_STORAGE`; left out: the data folder's pictures, or what the settings say. */
  readonly storage: string | undefined;
}

/** Reads one side of a copy. Throws an error whose message holds no value. */
export function parseCopyPlace(texts: CopyPlaceTexts, settings: CopyPlace): CopyPlace {
  const { databaseUrl, dataDir, storage } = settings;
  const { store } = texts;
  if (store === undefined) return { databaseUrl, dataDir, storage: parseStorage(texts.storage) ?? storage };
  if (isDatabaseUrl(store)) return { databaseUrl: store, dataDir, storage: parseStorage(texts.storage) ?? storage };
  if (/^[\w+.-]+:\/\//.test(store))
    throw new Error('A side of a copy is a data folder or postgres://USER:PASSWORD@HOST/DATABASE.');
  const folder = path.resolve(store);
  return { databaseUrl: undefined, dataDir: folder, storage: parseStorage(texts.storage) ?? { kind: 'disk' } };
}

function parseStorage(text: string | undefined): Config['storage'] | undefined {
  if (text === undefined) return undefined;
  const result = storageSchema.safeParse(text);
  if (!result.success) throw new Error(`The storage ${result.error.issues.map(({ message }) => message).join('; ')}.`);
  return result.data;
}
