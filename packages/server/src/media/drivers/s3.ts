import { Readable } from 'node:stream';
import type {
  ByteRange,
  ObjectStat,
  StorageDriver,
  StorageLinks,
  StoredObject,
  WriteOptions,
} from '../storage-driver.ts';
import { type BucketNames, createBucketNames } from '../storage-key.ts';
import { BucketClient } from './bucket-client.ts';
import { type Loaded, load, type S3DriverOptions, type S3Place } from './s3-client.ts';
import { isMissing, isUnknownToServer, toS3Error } from './s3-errors.ts';
import { abandonUploads, putFile } from './s3-upload.ts';

/**
 * Objects in a bucket of Amazon S3 or a compatible service: R2, MinIO, Ceph. S3's guarantees are used as they are: an
 * object is seen as a whole or not at all, and is durable when its write is answered.
 *
 * Only features that all of these services have are used: checksums are MD5, and no checksum is added to a body as a
 * trailer. The SDK is loaded at the first call and finds the credentials itself: AWS_ACCESS_KEY_ID and similar
 * variables, shared files, or the role of the machine.
 */
export function createS3Driver(options: S3DriverOptions): StorageDriver {
  return new S3Driver(options);
}

class S3Driver implements StorageDriver {
  readonly #options: S3DriverOptions;
  readonly #names: BucketNames;
  readonly #client: BucketClient<Loaded>;

  constructor(options: S3DriverOptions) {
    this.#options = options;
    this.#names = createBucketNames(options.prefix);
    this.#client = new BucketClient({
      load: () => load(options),
      toError: (error) => toS3Error(error, options),
      isMissing,
    });
  }

  async write(key: string, source: string, options: WriteOptions): Promise<void> {
    const target = { ...options, ...this.#toPlace(this.#names.toName(key)) };
    await this.#client.call((loaded) => putFile(loaded, source, target));
  }

  async read(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    const place = this.#toPlace(this.#names.toName(key));
    const input = { ...place, ...(range && { Range: `bytes=${range.start}-${range.end}` }) };
    return await this.#client.find(async ({ client, sdk }) => {
      const { Body, ContentLength, ContentRange } = await client.send(new sdk.GetObjectCommand(input));
      if (!(Body instanceof Readable)) throw new TypeError('The SDK gave no stream.');
      return { stream: Body, bytes: Number(ContentRange?.split('/')[1] ?? ContentLength ?? 0) };
    });
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    const place = this.#toPlace(this.#names.toName(key));
    return await this.#client.find(async ({ client, sdk }) => {
      const { ContentLength = 0 } = await client.send(new sdk.HeadObjectCommand(place));
      return { bytes: ContentLength };
    });
  }

  async delete(key: string): Promise<boolean> {
    const place = this.#toPlace(this.#names.toName(key));
    const [found] = await Promise.all([this.stat(key), this.#client.call((loaded) => abandonUploads(loaded, place))]);
    if (!found) return false;
    await this.#client.call(({ client, sdk }) => client.send(new sdk.DeleteObjectCommand(place)));
    return true;
  }

  /** A thousand at a time. Services that do not know the call get one for each object. */
  async deleteStored(keys: readonly string[]): Promise<void> {
    const names = keys.map((key) => this.#names.toName(key));
    for (let at = 0; at < names.length; at += mostAtOnce) await this.#deleteTogether(names.slice(at, at + mostAtOnce));
  }

  async #deleteTogether(names: readonly string[]): Promise<void> {
    const input = { Bucket: this.#options.bucket, Delete: { Quiet: true, Objects: names.map((Key) => ({ Key })) } };
    await this.#client.call(async ({ client, sdk }) => {
      const deleteEach = () =>
        Promise.all(names.map((name) => client.send(new sdk.DeleteObjectCommand(this.#toPlace(name)))));
      const { Errors: [refused] = [] } = await client.send(new sdk.DeleteObjectsCommand(input)).catch(async (error) => {
        if (!isUnknownToServer(error)) throw error;
        await deleteEach();
        return { Errors: [] };
      });
      if (refused) throw Object.assign(new Error(refused.Message), { name: refused.Code });
    });
  }

  async *list(prefix: string): AsyncGenerator<string, void> {
    const input = { Bucket: this.#options.bucket, Prefix: this.#names.toNamePrefix(prefix) };
    let token: string | undefined;
    do {
      const page = await this.#client.call(({ client, sdk }) =>
        client.send(
          new sdk.ListObjectsV2Command({ ...input, ...(token !== undefined && { ContinuationToken: token }) }),
        ),
      );
      for (const { Key = '' } of page.Contents ?? []) {
        const key = this.#names.toKey(Key);
        if (key !== undefined) yield key;
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** Uses every permission that the other calls need. */
  async check(): Promise<void> {
    const probe = this.#toPlace(this.#names.probe);
    await this.#client.call(async ({ client, sdk }) => {
      await client.send(new sdk.PutObjectCommand({ ...probe, Body: 'probe', ContentType: 'text/plain' }));
      await client.send(new sdk.HeadObjectCommand(probe));
      await client.send(new sdk.ListObjectsV2Command({ Bucket: probe.Bucket, Prefix: probe.Key, MaxKeys: 1 }));
      await client
        .send(new sdk.ListMultipartUploadsCommand({ Bucket: probe.Bucket, Prefix: probe.Key, MaxUploads: 1 }))
        .catch(unlessUnknownToServer);
      await client.send(new sdk.DeleteObjectCommand(probe));
    });
  }

  readonly links: StorageLinks = {
    signRead: async (key, seconds) => {
      const place = this.#toPlace(this.#names.toName(key));
      return await this.#client.call(({ client, sdk, sign }) =>
        sign(client, new sdk.GetObjectCommand(place), { expiresIn: seconds }),
      );
    },
    signWrite: async (key, { contentType, seconds }) => {
      const place = this.#toPlace(this.#names.toName(key));
      const options = { expiresIn: seconds, signableHeaders: new Set(['content-type']) };
      return await this.#client.call(({ client, sdk, sign }) =>
        sign(client, new sdk.PutObjectCommand({ ...place, ContentType: contentType }), options),
      );
    },
  };

  #toPlace(name: string): S3Place {
    return { Bucket: this.#options.bucket, Key: name };
  }
}

/** S3 takes no more in one call. */
const mostAtOnce = 1_000;

function unlessUnknownToServer(error: unknown): void {
  if (!isUnknownToServer(error)) throw error;
}
