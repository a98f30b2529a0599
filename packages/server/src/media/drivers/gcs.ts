import { stat } from 'node:fs/promises';
import type { Bucket, Storage } from '@google-cloud/storage';
import type { Dispatcher } from 'undici';
import type { Proxies } from '../../outbound/proxies.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { digestFile } from '../file-md5.ts';
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
import { GcsRefusal, isMissing, toGcsError } from './gcs-errors.ts';

export interface GcsDriverOptions {
  readonly bucket: string;
  /** Empty, or the folder of the bucket that contains every key. */
  readonly prefix: string;
  /** The address of an emulator, which is called without credentials. */
  readonly endpoint?: string | undefined;
  readonly clock?: Clock | undefined;
  /** For reading; the SDK finds its proxy in the environment itself. Missing: reads go directly. */
  readonly proxies?: Proxies | undefined;
}

/**
 * Objects in a Google Cloud Storage bucket. Its guarantees are used as they are: an object is seen as a whole or not at
 * all, and is durable when its write is answered. Nobody sees what a killed process leaves of a write, and Google
 * removes it after a week.
 *
 * Its SDK does everything except reading: when one reader of the SDK goes away, the SDK cuts the connections of all
 * others. The SDK is loaded at the first call.
 */
export function createGcsDriver(options: GcsDriverOptions): StorageDriver {
  return new GcsDriver(options);
}

class GcsDriver implements StorageDriver {
  readonly #options: GcsDriverOptions;
  readonly #names: BucketNames;
  readonly #clock: Clock;
  readonly #client: BucketClient<Loaded>;

  constructor(options: GcsDriverOptions) {
    this.#options = options;
    this.#names = createBucketNames(options.prefix);
    this.#client = new BucketClient({
      load: () => load(options),
      toError: (error) => toGcsError(error, options),
      isMissing,
    });
    this.#clock = options.clock ?? systemClock;
  }

  async write(key: string, source: string, { contentType, cacheControl }: WriteOptions): Promise<void> {
    const destination = this.#names.toName(key);
    await this.#client.call(async ({ bucket }) => {
      const { size } = await stat(source);
      // With its checksum, the bucket refuses an object that was cut off or changed on the way, before anybody sees it.
      const md5Hash = await digestFile(source);
      const metadata = { contentType, md5Hash, ...(cacheControl !== undefined && { cacheControl }) };
      await bucket.upload(source, { destination, metadata, resumable: size > largestInOne, validation: false });
    });
  }

  async read(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    const name = this.#names.toName(key);
    return await this.#client.find(async (loaded) => {
      const { statusCode, headers, body } = await requestMedia(loaded, name, range);
      // A body that nobody reads also has errors when its connection breaks.
      body.on('error', () => {});
      if (statusCode !== 200 && statusCode !== 206) throw new GcsRefusal(statusCode, await body.text());
      const total = String(headers['content-range'] ?? '').split('/')[1] ?? headers['content-length'];
      return { stream: body, bytes: Number(total) };
    });
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    const name = this.#names.toName(key);
    return await this.#client.find(async ({ bucket }) => {
      const [{ size = 0 }] = await bucket.file(name).getMetadata();
      return { bytes: Number(size) };
    });
  }

  async delete(key: string): Promise<boolean> {
    const name = this.#names.toName(key);
    const deleted = await this.#client.find(({ bucket }) => bucket.file(name).delete());
    return deleted !== undefined;
  }

  async *list(prefix: string): AsyncGenerator<string, void> {
    const query = {
      prefix: this.#names.toNamePrefix(prefix),
      autoPaginate: false,
      fields: 'items(name),nextPageToken',
    };
    let pageToken: string | undefined;
    do {
      const asked = pageToken === undefined ? query : { ...query, pageToken };
      const [files, next] = await this.#client.call(({ bucket }) => bucket.getFiles(asked));
      for (const { name } of files) {
        const key = this.#names.toKey(name);
        if (key !== undefined) yield key;
      }
      pageToken = toPageToken(next);
    } while (pageToken !== undefined);
  }

  /** Uses every permission that the other calls need. */
  async check(): Promise<void> {
    const { probe } = this.#names;
    await this.#client.call(async ({ bucket }) => {
      const file = bucket.file(probe);
      await file.save('probe', { resumable: false, validation: false, contentType: 'text/plain' });
      await file.getMetadata();
      await bucket.getFiles({ prefix: probe, autoPaginate: false, maxResults: 1 });
      // When two processes check at the same time, one of them finds it gone.
      await file.delete({ ignoreNotFound: true });
    });
  }

  readonly links: StorageLinks = {
    signRead: (key, seconds) => this.#sign(key, { action: 'read', seconds }),
    signWrite: (key, { contentType, seconds }) => this.#sign(key, { action: 'write', contentType, seconds }),
    toUri: (key) => `gs://${this.#options.bucket}/${this.#names.toName(key)}`,
  };

  async #sign(key: string, { seconds, ...asked }: AskedLink): Promise<string> {
    const name = this.#names.toName(key);
    const now = this.#clock.now();
    const times = { accessibleAt: now, expires: now + seconds * 1_000 };
    return await this.#client.call(async ({ bucket }) => {
      const [url] = await bucket.file(name).getSignedUrl({ version: 'v4', ...asked, ...times });
      return url;
    });
  }
}

interface AskedLink {
  readonly action: 'read' | 'write';
  readonly contentType?: string;
  readonly seconds: number;
}

interface Loaded {
  readonly storage: Storage;
  readonly bucket: Bucket;
  readonly isEmulator: boolean;
  /** For reading; it retries failures before the first byte. */
  readonly dispatcher: Dispatcher;
  readonly request: typeof import('undici').request;
}

/** A larger file is sent in a session that can be resumed, which costs one more call. */
const largestInOne = 8 * 1024 * 1024;

async function load({ bucket, endpoint, proxies }: GcsDriverOptions): Promise<Loaded> {
  const { Storage: StorageClient, IdempotencyStrategy } = await import('@google-cloud/storage');
  const { interceptors, request } = await import('undici');
  const { createDispatcher } = await import('../../outbound/dispatcher.ts');
  const storage = new StorageClient({
    ...(endpoint !== undefined && { apiEndpoint: endpoint, projectId: 'emulated' }),
    // Every call may be repeated: objects are written whole, and missing ones are deleted without an error.
    retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways, maxRetries: 3, totalTimeout: 60 },
  });
  const retry = interceptors.retry({ maxRetries: 3, minTimeout: 100, maxTimeout: 2_000, throwOnError: false });
  const connections = { headersTimeout: 30_000, bodyTimeout: 120_000 };
  const agent = createDispatcher(connections, proxies?.find(new URL(storage.apiEndpoint)));
  const dispatcher = agent.compose(retry);
  return { storage, bucket: storage.bucket(bucket), isEmulator: endpoint !== undefined, dispatcher, request };
}

async function requestMedia(
  { storage, bucket, isEmulator, dispatcher, request }: Loaded,
  name: string,
  range: ByteRange | undefined,
) {
  const url = `${storage.apiEndpoint}/storage/v1/b/${bucket.name}/o/${encodeURIComponent(name)}?alt=media`;
  const authorization = isEmulator ? undefined : (await storage.authClient.getRequestHeaders(url)).get('authorization');
  const headers = {
    ...(authorization && { authorization }),
    ...(range && { range: `bytes=${range.start}-${range.end}` }),
  };
  return await request(url, { headers, dispatcher });
}

/** The query of the next page, as the SDK returns it. */
function toPageToken(next: unknown): string | undefined {
  if (typeof next !== 'object' || next === null || !('pageToken' in next)) return undefined;
  return typeof next.pageToken === 'string' ? next.pageToken : undefined;
}
