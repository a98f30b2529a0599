/** Reads a stream to its end. Not every browser can iterate over streams. Cancels the stream when the caller stops in the middle. */
export async function* readBytes(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void, undefined> {
  if (!body) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Cancelling a broken stream fails, which does not matter.
    await reader.cancel().catch(() => undefined);
  }
}
