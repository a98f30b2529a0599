import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** The id of a webhook delivery, by which its receiver knows a message that comes twice. */
export function createDeliveryId(): string {
  return `msg_${createSecret(144)}`;
}

/** A request's id: a version 7 UUID, so that ids of one process sort in the order of their creation. */
export function createRequestId(): string {
  const random = takeRandom(16);
  const now = Date.now();
  if (now > last.msecs) {
    // Starts in the lower half, so that the ids of this millisecond can count up.
    last = { msecs: now, seq: random.readUInt32BE(6) >>> 1 };
  } else {
    last = { msecs: last.msecs, seq: last.seq + 1 };
  }
  return v7({ ...last, random });
}

let last = { msecs: 0, seq: 0 };

/** The prefix of ids made in this millisecond since 1970. None of them sorts before it, and all earlier ids do. */
export function toIdPrefix(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** An unguessable name: `bits` random bits (a multiple of 8) in URL-safe characters. */
export function createSecret(bits = 192): string {
  return takeRandom(bits / 8).toString('base64url');
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
function takeRandom(bytes: number): Buffer {
  if (taken + bytes > pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += bytes;
  return pool.subarray(taken - bytes, taken);
}
