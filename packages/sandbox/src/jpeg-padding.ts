/**
 * A JPEG made larger by comment segments, which every decoder skips: exactly `bytes` long, and still the same picture.
 * It is left as it is when it has that many bytes already, and comes out a little longer when less than the four bytes
 * of the smallest segment are missing. The padding is one shared buffer, sent again and again.
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
/** The marker and the length. */
const segmentHeadBytes = 4;
/** The length counts itself but not the marker, and has 16 bits. */
const maxSegmentBytes = 0xffff + markerBytes;
const filling = Buffer.alloc(maxSegmentBytes);

/** Readers of JFIF want its segment before any other. */
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

/** As long as a segment may be, unless that would leave less than a segment needs. */
function toSegmentSize(left: number): number {
  if (left <= maxSegmentBytes) return Math.max(left, segmentHeadBytes);
  return left - maxSegmentBytes < segmentHeadBytes ? maxSegmentBytes - segmentHeadBytes : maxSegmentBytes;
}
