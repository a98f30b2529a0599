import { pause, toJitter } from './pause.ts';
import { readBytes } from './read-bytes.ts';

interface ReadOptions {
  /** How many connections in a row may break without bringing a byte. */
  readonly maxRetries: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The bytes of a picture as they arrive. When the connection breaks, it continues with the next byte: `send` is called again, with
 * a `Range`. What a URL names never changes, so the parts belong together.
 */
export async function* readPicture(
  send: (headers: Readonly<Record<string, string>>) => Promise<Response>,
  { maxRetries, signal }: ReadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  let failures = 0;
  for (;;) {
    // `send` has its own retries; here, only a connection that breaks later counts.
    const response = await send(received === 0 ? {} : { range: `bytes=${received}-` });
    // A proxy may ignore the range and send everything again.
    let known = response.status === 206 ? 0 : received;
    try {
      for await (const chunk of readBytes(response.body)) {
        const fresh = chunk.subarray(known);
        known = Math.max(0, known - chunk.byteLength);
        if (fresh.byteLength === 0) continue;
        received += fresh.byteLength;
        failures = 0;
        yield fresh;
      }
      return;
    } catch (error) {
      if (signal?.aborted || failures >= maxRetries) throw error;
    }
    await pause(toJitter(failures, backOff), signal);
    failures += 1;
  }
}

const backOff = { firstMs: 500, longestMs: 8_000 };
