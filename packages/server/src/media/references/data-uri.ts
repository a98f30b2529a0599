import { Base64Slab, JsonDecodeError, slabBytes } from '@darkroom/json-stream';
import { findInlineData, maxReferenceBytes } from '@darkroom/protocol';
import { ReferenceFailure } from './reference-failure.ts';
import type { FetchedReference } from './reference-fetcher.ts';
import { spoolPicture } from './spool-picture.ts';

/**
 * Decodes a `data:` URI, or bare base64, into a new file of `folder`, one slab at a time, so that the URI itself stays
 * the only copy in memory. The declared type is ignored; the bytes decide. When they are not a picture, no file is left
 * behind. Rejects only with the error of the disk.
 */
export async function spoolDataUri(uri: string, { folder }: { readonly folder: string }): Promise<FetchedReference> {
  try {
    const picture = await spoolPicture(decodeSlabs(uri), { folder, maxBytes: maxReferenceBytes });
    return { kind: 'fetched', ...picture };
  } catch (error) {
    if (error instanceof JsonDecodeError) return { kind: 'failed', reason: 'its base64 is invalid' };
    if (error instanceof ReferenceFailure) return { kind: 'failed', reason: error.message };
    throw error;
  }
}

/** Each slab is valid until the next one is requested. */
function* decodeSlabs(uri: string): Generator<Uint8Array> {
  const slab = new Base64Slab();
  const output = Buffer.allocUnsafeSlow(slabBytes);
  for (const run of readRuns(uri)) {
    for (let at = 0; at < run.length; ) {
      at += slab.fill(run, at);
      if (slab.isFull) yield output.subarray(0, slab.drain(output, 0, false));
    }
  }
  yield output.subarray(0, slab.drain(output, 0, true));
}

/** The characters of the base64, without percent-encoding and whitespace. */
function* readRuns(uri: string): Generator<Buffer> {
  const start = findInlineData(uri);
  if (start === undefined) throw new ReferenceFailure('it does not have the form data:image/TYPE;base64,DATA');
  for (let at = start; at < uri.length; ) {
    const end = findRunEnd(uri, at);
    // Read as UTF-8 and not as Latin-1: a character that is not base64 must not turn into one that is.
    yield Buffer.from(decodePercents(uri.slice(at, end)).replace(/\s+/g, ''));
    at = end;
  }
}

/** A run must not end inside `%3D`. */
function findRunEnd(uri: string, at: number): number {
  const end = at + slabBytes;
  if (uri[end - 1] === '%') return end + 2;
  return uri[end - 2] === '%' ? end + 1 : end;
}

function decodePercents(run: string): string {
  return run.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
