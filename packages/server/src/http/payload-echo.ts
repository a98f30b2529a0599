import type { ImageRequest, InlinePicture } from '../core/image-request.ts';
import type { MediaStore } from '../media/media-store.ts';
import { createSecret } from '../platform/ids.ts';

/**
 * The payload's JSON exactly as it came: clients compare it with what they sent. The base64 of inline pictures streams out
 * of the media store to where it stood, so that a record's size does not become memory. docs/decisions/0006-inline-pictures.md
 */
export async function* toPayloadChunks({ payload, inline }: ImageRequest, media: MediaStore): AsyncGenerator<string> {
  // Nobody outside can know the mark, so it stands nowhere else; it holds nothing that JSON would spell otherwise.
  const mark = createSecret();
  const marked = inline.reduce<unknown>(
    (value, { path }, index) => appendAt(value, path, `${mark}.${index}.`),
    JSON.parse(payload),
  );
  const pieces = JSON.stringify(marked).split(mark);
  yield pieces[0] ?? '';
  for (const piece of pieces.slice(1)) {
    const [, index = '', text = ''] = /^\.(\d+)\.(.*)$/s.exec(piece) ?? [];
    yield* toBase64(inline[Number(index)], media);
    yield text;
  }
}

function appendAt(value: unknown, [key, ...rest]: InlinePicture['path'], text: string): unknown {
  if (key === undefined) return `${value}${text}`;
  if (Array.isArray(value)) return value.with(Number(key), appendAt(value[Number(key)], rest, text));
  const object = value as Record<string, unknown>; // the path was found in this payload
  return { ...object, [key]: appendAt(object[key], rest, text) };
}

/** Base64 in pieces of whole groups of three bytes. */
async function* toBase64(picture: InlinePicture | undefined, media: MediaStore): AsyncGenerator<string> {
  const opened = picture && (await media.open(picture.name));
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of opened?.stream ?? []) {
    const bytes = Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    yield bytes.toString('base64', 0, whole);
    rest = bytes.subarray(whole);
  }
  yield rest.toString('base64');
}
