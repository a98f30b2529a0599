import path from 'node:path';
import type { Config } from '../config/load-config.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { createGcsDriver } from '../media/drivers/gcs.ts';
import { createS3Driver } from '../media/drivers/s3.ts';
import { MediaStore } from '../media/media-store.ts';
import type { StorageDriver } from '../media/storage-driver.ts';
import { Proxies } from '../outbound/proxies.ts';

export type StoragePlace = Pick<Config, 'storage' | 'dataDir' | 'proxies'>;

/** The driver of the place that the settings name: a folder inside the data folder, or a bucket. */
export function createDriver({ storage, dataDir, proxies: named }: StoragePlace): StorageDriver {
  const proxies = new Proxies(named);
  switch (storage.kind) {
    case 'disk':
      return createDiskDriver({ folder: path.join(dataDir, 'media') });
    case 's3':
      return createS3Driver({ ...storage, proxies });
    case 'gcs':
      return createGcsDriver({ ...storage, proxies });
  }
}

export function openMedia(place: StoragePlace, wrapDriver = (driver: StorageDriver) => driver): MediaStore {
  const { storage } = place;
  const { publicUrl: bucketUrl, signedUrlSeconds } =
    storage.kind === 'disk' ? { publicUrl: undefined, signedUrlSeconds: undefined } : storage;
  return new MediaStore(wrapDriver(createDriver(place)), { bucketUrl, signedUrlSeconds });
}
