import type { ImageRequest, InlinePicture } from '../../../core/image-request.ts';
import type { MediaStore } from '../../../media/media-store.ts';
import { findInJson } from '../../../platform/json-places.ts';
import { cutText } from '../../../platform/text-pieces.ts';

/**
 * The payload's JSON as it was sent: clients compare it with what they sent. The base64 of inline pictures is streamed from the
 * media store back into its place, so that memory does not grow with the size of a record. docs/decisions/0006-inline-pictures.md
 */
export async function* toPayloadChunks({ payload, inline }: ImageRequest, media: EchoMedia): AsyncGenerator<string> {
  let at = 0;
  for (const { picture, end } of toCuts(payload, inline)) {
    yield* cutText(payload.slice(at, end));
    yield* picture.isSignature ? toSpelled(picture, media) : toBase64(picture, media);
    at = end;
  }
  yield* cutText(payload.slice(at));
}

export type EchoMedia = Pick<MediaStore, 'open' | 'openObject'>;

interface Cut {
  readonly picture: InlinePicture;
  /** The place of its base64: before the closing quote of its string. */
  readonly end: number;
}

/** In the order of the text. */
function toCuts(payload: string, inline: readonly InlinePicture[]): readonly Cut[] {
  const places = findInJson(
    payload,
    inline.map(({ path }) => path),
  );
  const cuts = inline.map((picture, index) => ({ picture, end: (places[index]?.end ?? payload.length) - 1 }));
  return cuts.sort((a, b) => a.end - b.end);
}

/** A signature as it was spelled; nothing when the storage has lost it. */
async function* toSpelled({ name }: InlinePicture, media: EchoMedia): AsyncGenerator<string> {
  const opened = await media.openObject(name);
  if (!opened) return;
  yield* opened.stream.setEncoding('utf8') as AsyncIterable<string>; // with an encoding it gives texts
}

/** Base64 in pieces of whole groups of three bytes; nothing when the storage has lost the picture or a part of it. */
async function* toBase64(
  { name, bytes: length }: InlinePicture,
  media: Pick<MediaStore, 'open'>,
): AsyncGenerator<string> {
  const opened = await media.open(name);
  if (!opened) return;
  if (length !== undefined && opened.bytes !== length) return void opened.stream.destroy();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of opened.stream) {
    const bytes = Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    yield bytes.toString('base64', 0, whole);
    rest = bytes.subarray(whole);
  }
  yield rest.toString('base64');
}
