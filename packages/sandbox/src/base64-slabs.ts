/** A multiple of three, so that the base64 of the slabs can be joined: 48 KB of characters each. */
const slabBytes = 36 * 1024;

/** The base64 of bytes that arrive in pieces of any size. The whole is never held in memory. */
export function* toBase64Slabs(chunks: Iterable<Uint8Array>): Generator<string> {
  const slab = Buffer.alloc(slabBytes);
  let filled = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + slabBytes - filled);
      slab.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled === slabBytes) {
        yield slab.toString('base64');
        filled = 0;
      }
    }
  }
  yield slab.toString('base64', 0, filled);
}
