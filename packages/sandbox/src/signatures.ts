import { createHmac } from 'node:crypto';
import { firstTake, fromByte, type Take, toByte } from '@darkroom/illustrator/take';

/**
 * Thought signatures of the sandbox: base64 text that proves that a part came from the sandbox and is unchanged. A seal (an
 * HMAC-SHA256 of the part's bytes) is repeated up to the requested length, because the upstream's signatures are long. Text
 * parts are sealed by their UTF-8 bytes. One byte before the HMAC holds the picture's take, so the seal has 33 bytes:
 * base64 without padding.
 *
 * The key is fixed and public. So signatures survive restarts, and they protect against mix-ups, not against forgery.
 */
const key = 'darkroom sandbox thought signature';

const sealCharacters = 44;
const sealsInSlab = 1024;

/** Signs the bytes and their take, in slabs. Gives `length` characters, rounded down to whole groups of base64, at least 44. */
export function* sign(bytes: Iterable<Uint8Array>, length: number, take = firstTake): Generator<string> {
  const hmac = createHmac('sha256', key);
  for (const chunk of bytes) hmac.update(chunk);
  const seal = toSeal(take, hmac.digest());
  const slab = seal.repeat(sealsInSlab);
  for (let left = Math.max(sealCharacters, length - (length % 4)); left > 0; left -= slab.length) {
    yield slab.slice(0, left);
  }
}

/**
 * Returns the take in the signature if every character of it is right for these bytes. Reads both inputs to their ends. The
 * URL-safe alphabet is accepted: to the upstream both are the same bytes, and some clients send them back that way.
 */
export async function verify(
  signature: AsyncIterable<Uint8Array>,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Take | undefined> {
  const hmac = createHmac('sha256', key);
  for await (const chunk of bytes) hmac.update(chunk);
  const digest = hmac.digest();
  let length = 0;
  let begun = '';
  let take: Take | undefined;
  let isGenuine = true;
  for await (const chunk of signature) {
    const run = toStandardAlphabet(Buffer.from(chunk).toString('latin1'));
    begun = begun.length < 4 ? (begun + run).slice(0, 4) : begun;
    take = fromByte(Buffer.from(begun, 'base64')[0] ?? 0);
    isGenuine &&= isRunOf(toSeal(take, digest), run, length);
    length += chunk.length;
  }
  return isGenuine && length >= sealCharacters && length % 4 === 0 ? take : undefined;
}

function toSeal(take: Take, digest: Buffer): string {
  return Buffer.concat([Buffer.from([toByte(take)]), digest]).toString('base64');
}

function toStandardAlphabet(base64: string): string {
  return base64.replaceAll('-', '+').replaceAll('_', '/');
}

function isRunOf(seal: string, run: string, from: number): boolean {
  const start = from % sealCharacters;
  const expected = seal.repeat(Math.ceil((start + run.length) / sealCharacters));
  return expected.startsWith(run, start);
}
