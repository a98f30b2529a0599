import { type Payload, toPartPictures, toPartText } from '@darkroom/protocol';
import type { ImageRequest, InlinePicture } from '../../core/image-request.ts';
import type { PicturePlaces } from './interaction.ts';

/** The `input` of an interaction, for a caller who asks for it: pictures that were sent inline are at addresses now. */
export function toSentInput({ payload: text, inline }: ImageRequest, places: PicturePlaces): readonly object[] {
  const payload = withAddresses(JSON.parse(text), inline, places) as Payload; // it was parsed as one when it was submitted
  const toImage = (uri: string) => ({ type: 'image', uri });
  if (!payload.contents) return [{ type: 'text', text: payload.prompt }, ...[payload.image ?? []].flat().map(toImage)];
  return payload.contents.map(({ role, parts }) => ({
    type: role === 'user' ? 'user_input' : 'model_output',
    content: parts.flatMap((part) => [
      ...(toPartText(part) === '' ? [] : [{ type: 'text', text: toPartText(part) }]),
      ...toPartPictures(part).map(({ uri }) => toImage(uri)),
    ]),
  }));
}

/** Writes the address of each picture into the place of its base64. `value` is nobody else's. */
function withAddresses(value: unknown, inline: readonly InlinePicture[], { media, publicUrl }: PicturePlaces): unknown {
  for (const { path, name } of inline) {
    const last = path.at(-1);
    const owner = path.slice(0, -1).reduce<unknown>((found, key) => Object(found)[key], value);
    if (last !== undefined) Object(owner)[last] = media.toAddress(name, publicUrl).url;
  }
  return value;
}
