import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** A request's id: a UUID of version 7, so that ids of one process sort by the order in which they were made. */
export function createRequestId(): string {
  const random = takeRandom(16);
  const now = Date.now();
  if (now > last.msecs) {
    // Begins in the lower half, so that the ids of this millisecond can count up from it.
    last = { msecs: now, seq: random.readUInt32BE(6) >>> 1 };
  } else {
    last = { msecs: last.msecs, seq: last.seq + 1 };
  }
  return v7({ ...last, random });
}

let last = { msecs: 0, seq: 0 };

/** What the ids begin with that were made in this millisecond since 1970: none of them is less, every earlier one is. */
export function toIdPrefix(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** An unguessable name: `bits` of chance (a multiple of 8) in URL-safe characters. */
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

/** Taken from the system 8 KB at a time: a system call for each id was a tenth of what a submit costs. */
const pool = Buffer.alloc(8_192);
let taken = pool.length;

/** Random bytes that nobody else gets; valid until the next call. */
function takeRandom(bytes: number): Buffer {
  if (taken + bytes > pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += bytes;
  return pool.subarray(taken - bytes, taken);
}
