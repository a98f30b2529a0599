import { createReadStream } from 'node:fs';
import type { S3Client } from '@aws-sdk/client-s3';
import type { ByteRange } from '../storage-driver.ts';

/**
 * A file, or a part of it, as the body of a command. It is opened when it is sent, again for each try. The SDK does not
 * retry a stream, because that is used up, and a buffer would hold the picture in memory.
 */
export class FileBody {
  readonly #path: string;
  readonly #range: ByteRange | undefined;

  constructor(path: string, range?: ByteRange) {
    this.#path = path;
    this.#range = range;
  }

  /** Has the type that a command expects. */
  asInput(): string {
    return this as unknown as string; // never read as what it claims to be: `openFilesAtSending` puts a stream in its place
  }

  open() {
    return createReadStream(this.#path, { ...this.#range, highWaterMark: 256 * 1024 });
  }
}

/** Makes the client send the file when a command's body is a `FileBody`. The command gives its length. */
export function openFilesAtSending(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { body?: unknown }; // every HTTP request of the SDK has one
      const { body } = request;
      if (!(body instanceof FileBody)) return await next(args);
      const stream = body.open();
      const broken = new Promise<never>((_, reject) => stream.once('error', reject));
      request.body = stream;
      try {
        return await Promise.race([next(args), broken]);
      } finally {
        request.body = body;
        stream.destroy();
      }
    },
    // Runs inside the SDK's retries, which begin in this step with a higher priority.
    { step: 'finalizeRequest', priority: 'low', name: 'openFilesAtSending' },
  );
}
