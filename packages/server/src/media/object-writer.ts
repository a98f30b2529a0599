import type { KeepOptions } from './media-store.ts';
import type { NewObject } from './picture-objects.ts';
import type { StorageDriver } from './storage-driver.ts';

/** Writes the objects of one picture to the storage: all of them or, after `discard`, none. */
export class ObjectWriter {
  readonly #driver: StorageDriver;
  readonly #onKeys: KeepOptions['onKeys'];
  readonly #announced = new Set<string>();
  /** By key, the path of the file that the object was written from. */
  readonly #written = new Map<string, string>();

  constructor(driver: StorageDriver, { onKeys }: KeepOptions) {
    this.#driver = driver;
    this.#onKeys = onKeys;
  }

  /** Announces the keys, then writes the objects whose files are there, one after the other, and none twice. */
  async write(objects: readonly NewObject[]): Promise<void> {
    await this.#announce(objects);
    for (const { key, file, contentType } of objects) {
      if (!file || this.#written.get(key) === file.path) continue;
      this.#written.set(key, file.path);
      await this.#driver.write(key, file.path, { contentType, cacheControl });
    }
  }

  /** The same, and removes what was written under other keys before. */
  async writeOnly(objects: readonly NewObject[]): Promise<void> {
    await this.write(objects);
    const keys = new Set(objects.map(({ key }) => key));
    for (const key of this.#written.keys()) if (!keys.has(key)) await this.#driver.delete(key);
  }

  /** Removes everything, also what failed to be written, because it may have arrived. Never rejects: the storage may be failing. */
  async discard(): Promise<void> {
    await Promise.allSettled([...this.#written.keys()].map((key) => this.#driver.delete(key)));
  }

  async #announce(objects: readonly NewObject[]): Promise<void> {
    const keys = objects.map(({ key }) => key).filter((key) => !this.#announced.has(key));
    if (keys.length > 0) await this.#onKeys?.(keys);
    for (const key of keys) this.#announced.add(key);
  }
}

/** The object under a key never changes. */
export const cacheControl = 'public, max-age=31536000, immutable';
