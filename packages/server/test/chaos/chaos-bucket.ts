import { setTimeout as pause } from 'node:timers/promises';
import { createBucketNames } from '../../src/media/storage-key.ts';
import { type S3TestServer, startS3TestServer } from '../fakes/s3-test-server.ts';
import { CuttableLine } from './cuttable-line.ts';

const prefix = 'pictures';

/** S3's answers when it is overloaded, and when somebody has changed a wrong setting. The SDK retries after the first two. */
const refusals = [
  { status: 500, code: 'InternalError' },
  { status: 503, code: 'SlowDown' },
  { status: 403, code: 'AccessDenied' },
] as const;

/** A bucket behind a line that can be cut. It outlives every Darkroom. */
export class ChaosBucket {
  readonly #server: S3TestServer;
  readonly #line: CuttableLine;

  private constructor(server: S3TestServer) {
    this.#server = server;
    this.#line = new CuttableLine(() => Number(new URL(server.url).port));
  }

  static async start(): Promise<ChaosBucket> {
    const bucket = new ChaosBucket(await startS3TestServer());
    await bucket.#line.mend();
    return bucket;
  }

  /** The settings of a server that uses it. */
  get env(): Readonly<Record<string, string>> {
    const { bucket, credentials } = this.#server;
    const endpoint = `http://127.0.0.1:${this.#line.port}`;
    return {
      DARKROOM_STORAGE: `s3://${bucket}/${prefix}?endpoint=${endpoint}&region=us-east-1`,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
  }

  /** The keys of all objects that Darkroom keeps there. */
  get keys(): readonly string[] {
    const names = createBucketNames(prefix);
    return [...this.#server.objects.keys()].flatMap((name) => names.toKey(name) ?? []);
  }

  /** Uploads in parts that were begun and neither completed nor aborted, by name. */
  get openUploads(): readonly string[] {
    return [...this.#server.uploads.values()].map(({ key }) => key);
  }

  /** Some calls are refused, but not very many. */
  async refuse(forMs: number): Promise<void> {
    const { failures } = this.#server;
    for (let round = 0; round < 10; round += 1) failures.push(...refusals);
    await pause(forMs);
    failures.length = 0;
  }

  /** Connections break, even in the middle of a call, and none can be made. */
  async cutOff(forMs: number): Promise<void> {
    await this.#line.cut();
    await pause(forMs);
    await this.#line.mend();
  }

  async slowDown(forMs: number): Promise<void> {
    this.#line.delayMs = 100;
    await pause(forMs);
    this.#line.delayMs = 0;
  }

  async stop(): Promise<void> {
    await this.#line.cut();
    await this.#server.close();
  }
}
