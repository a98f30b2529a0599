import { randomFillSync } from 'node:crypto';

/** The id of a webhook delivery, by which its receiver knows a message that comes twice. */
export function createDeliveryId(): string {
  return `msg_${createSecret(144)}`;
}

/** A request's id: a version 7 UUID, so that ids of one process sort in the order of their creation. */
export function createRequestId(): string {
  const bytes = takeRandom(16);
  const now = Date.now();
  if (now > last.msecs) {
    // Starts in the lower half, so that the ids of this millisecond can count up.
    last = { msecs: now, seq: bytes.readUInt32BE(6) >>> 1 };
  } else {
    last = { msecs: last.msecs, seq: last.seq + 1 };
  }
  return toVersion7(bytes, last);
}

let last = { msecs: 0, seq: 0 };

/** RFC 9562: 48 bits of time and the version, then the variant. The sequence fills the bits around it; the rest stay random. */
function toVersion7(bytes: Buffer, { msecs, seq }: { readonly msecs: number; readonly seq: number }): string {
  bytes.writeUIntBE(msecs, 0, 6);
  bytes.writeUInt16BE(0x7000 | (seq >>> 20), 6);
  bytes.writeUInt16BE(0x8000 | ((seq >>> 6) & 0x3fff), 8);
  bytes.writeUInt8(((seq & 0x3f) << 2) | (bytes.readUInt8(10) & 0x03), 10);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The prefix of ids made in this millisecond since 1970. None of them sorts before it, and all earlier ids do. */
export function toIdPrefix(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** An unguessable name: `bits` random bits (a multiple of 8) in URL-safe characters. */
export function createSecret(bits = 192): string {
  return takeRandom(bits / 8).toString('base64url');
}

/** The id of a trace (16 bytes) or of a span (8): lower-case hexadecimal. Never all zeros, for all that chance allows. */
export function createTraceId(bytes: 8 | 16): string {
  return takeRandom(bytes).toString('hex');
}

/** The public part of an API key: 8 letters and digits. */
export function createKeyId(): string {
  return takeRandom(16)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 8)
    .padEnd(8, '0');
}

/** Random bytes are taken from the system 8 KB at a time: a system call for each id was a tenth of the cost of a submit. */
const pool = Buffer.alloc(8_192);
let taken = pool.length;

/** Random bytes that are handed out only once. The buffer is valid until the next call. */
export function takeRandom(bytes: number): Buffer {
  if (taken + bytes > pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += bytes;
  return pool.subarray(taken - bytes, taken);
}
