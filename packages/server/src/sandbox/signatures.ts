import { createHmac, type Hmac } from 'node:crypto';

/**
 * Thought signatures of the sandbox: base64 text that proves that a part came from here, unchanged. It is the seal of
 * the part's bytes (an HMAC-SHA256), written again and again up to the length that was asked for, since the upstream's
 * signatures are long. The text of a text part is sealed by its UTF-8 bytes.
 *
 * The key is fixed and public: a signature outlives restarts, and guards against mix-ups, not against forgers.
 */
const key = 'darkroom sandbox thought signature';

/** Before the HMAC, so that the seal is 33 bytes: base64 without padding. */
const version = Buffer.from([1]);

const sealCharacters = 44;
const sealsInSlab = 1024;

/** The signature of the bytes, in slabs. Its length is `length`, rounded to whole groups of base64, but at least 44. */
export function* sign(bytes: Iterable<Uint8Array>, length: number): Generator<string> {
  const hmac = createHmac('sha256', key);
  for (const chunk of bytes) hmac.update(chunk);
  const seal = toSeal(hmac);
  const slab = seal.repeat(sealsInSlab);
  for (let left = Math.max(sealCharacters, length - (length % 4)); left > 0; left -= slab.length) {
    yield slab.slice(0, left);
  }
}

/**
 * Is this the signature of these bytes, every character of it? Reads both to their ends. The URL-safe alphabet will do:
 * to the upstream both are the same bytes, and some clients write them back that way.
 */
export async function verify(
  signature: AsyncIterable<Uint8Array>,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<boolean> {
  const hmac = createHmac('sha256', key);
  for await (const chunk of bytes) hmac.update(chunk);
  const seal = toSeal(hmac);
  let length = 0;
  let isGenuine = true;
  for await (const chunk of signature) {
    isGenuine &&= isRunOf(seal, toStandardAlphabet(Buffer.from(chunk).toString('latin1')), length);
    length += chunk.length;
  }
  return isGenuine && length >= sealCharacters && length % 4 === 0;
}

function toSeal(hmac: Hmac): string {
  return Buffer.concat([version, hmac.digest()]).toString('base64');
}

function toStandardAlphabet(base64: string): string {
  return base64.replaceAll('-', '+').replaceAll('_', '/');
}

function isRunOf(seal: string, run: string, from: number): boolean {
  const start = from % sealCharacters;
  const expected = seal.repeat(Math.ceil((start + run.length) / sealCharacters));
  return expected.startsWith(run, start);
}
