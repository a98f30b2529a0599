import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { JsonDecodeError, type SpoolFile } from '@darkroom/json-stream';
import { createSecret } from '../../platform/ids.ts';
import type { Transport, UpstreamRequest } from '../transport.ts';

export interface FetchPictureOptions extends Pick<UpstreamRequest, 'headers' | 'signal'> {
  readonly baseUrl: string;
  readonly transport: Transport;
  readonly folder: string;
  readonly maxBytes: number;
}

/** The answer names a picture that is not fetched, or that the upstream does not give. */
export class ForeignPictureError extends Error {
  override readonly name = 'ForeignPictureError';
}

/**
 * Fetches the picture of an engine that answers with its address, into a file of the folder. Only addresses of the upstream itself
 * are followed, because the operator trusts no other, and the API key goes along: some engines ask for it there, too.
 */
export async function fetchPicture(url: string, options: FetchPictureOptions): Promise<SpoolFile> {
  const { baseUrl, transport, headers, signal, folder, maxBytes } = options;
  const target = URL.parse(url, baseUrl);
  if (!target || target.origin !== new URL(baseUrl).origin)
    throw new ForeignPictureError(
      "The upstream's answer links to a picture on another server, which is not allowed: the upstream must send the bytes, or serve them at its own address.",
    );
  const response = await transport.send({ method: 'GET', url: target.href, headers, signal });
  if (response.status !== 200)
    throw new ForeignPictureError(
      `The picture that the upstream's answer links to could not be fetched (HTTP ${response.status}).`,
    );
  const file = path.join(folder, createSecret());
  const counter = new ByteCounter(response.body, maxBytes);
  try {
    await pipeline(counter, createWriteStream(file, { flags: 'wx' }));
    return { path: file, bytes: counter.bytes };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

class ByteCounter {
  readonly #body: AsyncIterable<Uint8Array>;
  readonly #maxBytes: number;
  bytes = 0;

  constructor(body: AsyncIterable<Uint8Array>, maxBytes: number) {
    this.#body = body;
    this.#maxBytes = maxBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#body) {
      this.bytes += chunk.length;
      if (this.bytes > this.#maxBytes)
        throw new JsonDecodeError('too-large', 'A picture is larger than its file may be.');
      yield chunk;
    }
  }
}
