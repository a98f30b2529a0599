/**
 * Enlarges a JPEG to exactly `bytes` with comment segments, which every decoder skips, so the picture stays the same. A
 * JPEG that is already this long is not changed. If fewer than the four bytes of the smallest segment are missing, the
 * result is a little longer. The padding is one shared buffer that is sent repeatedly.
 */
export function* padJpeg(jpeg: Buffer, bytes: number): Generator<Uint8Array> {
  const start = endOfHeader(jpeg);
  yield jpeg.subarray(0, start);
  yield* toSegments(bytes - jpeg.length);
  yield jpeg.subarray(start);
}

const startOfImage = 2;
const application0 = 0xffe0;
const comment = 0xfffe;
const markerBytes = 2;
/** The size of the marker and the length. */
const segmentHeadBytes = 4;
/** The length counts itself but not the marker, and has 16 bits. */
const maxSegmentBytes = 0xffff + markerBytes;
const filling = Buffer.alloc(maxSegmentBytes);

/** Readers of JFIF expect its segment before any other. */
function endOfHeader(jpeg: Buffer): number {
  if (jpeg.length < startOfImage + segmentHeadBytes || jpeg.readUInt16BE(startOfImage) !== application0)
    return startOfImage;
  return startOfImage + markerBytes + jpeg.readUInt16BE(startOfImage + markerBytes);
}

function* toSegments(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; ) {
    const size = toSegmentSize(left);
    const head = Buffer.alloc(segmentHeadBytes);
    head.writeUInt16BE(comment, 0);
    head.writeUInt16BE(size - markerBytes, markerBytes);
    yield head;
    yield filling.subarray(0, size - segmentHeadBytes);
    left -= size;
  }
}

/** The longest possible segment, unless it would leave less than another segment needs. */
function toSegmentSize(left: number): number {
  if (left <= maxSegmentBytes) return Math.max(left, segmentHeadBytes);
  return left - maxSegmentBytes < segmentHeadBytes ? maxSegmentBytes - segmentHeadBytes : maxSegmentBytes;
}
