import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Problem } from '../../core/problem.ts';
import { createBodyTooLarge } from './body-problems.ts';
import { JsonScan } from './json-scan.ts';

export interface ReceivedBody {
  readonly bytes: Buffer;
  /** How many keys and list entries it has. */
  readonly values: number;
  /** When it was asked for: SHA-256 of the bytes, in hexadecimal. */
  readonly hash: string | undefined;
}

export interface ReceiveOptions {
  readonly maxBytes: number;
  readonly isHashed: boolean;
}

/**
 * Reads a body that should be JSON. Each chunk is scanned, and hashed, as it comes, so that a large body does not hold up the
 * event loop, and a body that has too much of something is not kept. It is still read to its end: a client that is refused while
 * it sends may never read the answer.
 */
export function receiveBody(stream: Readable, { maxBytes, isHashed }: ReceiveOptions): Promise<ReceivedBody> {
  const scan = new JsonScan();
  const hash = isHashed ? createHash('sha256') : undefined;
  let chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) return end(() => reject(createBodyTooLarge(maxBytes)));
      scan.look(chunk);
      hash?.update(chunk);
      if (scan.problem) chunks = [];
      else chunks.push(chunk);
    };
    const onEnd = () =>
      end(() => {
        if (scan.problem) reject(scan.problem);
        else resolve({ bytes: Buffer.concat(chunks), values: scan.values, hash: hash?.digest('hex') });
      });
    const onCut = () => end(() => reject(new Problem('invalid_request', 'The body is incomplete.')));
    const end = (settle: () => void) => {
      stream.off('data', onData).off('end', onEnd).off('close', onCut);
      settle();
    };
    // An error is followed by `close`, which is handled.
    stream.on('error', () => undefined);
    if (stream.destroyed) onCut();
    else stream.on('data', onData).on('end', onEnd).on('close', onCut);
  });
}
