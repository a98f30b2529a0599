import { createHmac } from 'node:crypto';
import { firstTake, fromByte, type Take, toByte } from '@darkroom/illustrator';

/**
 * Thought signatures of the sandbox: base64 text that proves that a part came from here, unchanged. It is the seal of
 * the part's bytes (an HMAC-SHA256), written again and again up to the length that was asked for, since the upstream's
 * signatures are long. The text of a text part is sealed by its UTF-8 bytes. Before the HMAC stands the picture's take in one
 * byte, so that the seal is 33 bytes: base64 without padding.
 *
 * The key is fixed and public: a signature outlives restarts, and guards against mix-ups, not against forgers.
 */
const key = 'darkroom sandbox thought signature';

const sealCharacters = 44;
const sealsInSlab = 1024;

/** The signature of the bytes and their take, in slabs. Its length is `length`, rounded to whole groups of base64, but at least 44. */
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
 * The take that the signature tells, if it is the signature of these bytes, every character of it. Reads both to their
 * ends. The URL-safe alphabet will do: to the upstream both are the same bytes, and some clients write them back that way.
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
