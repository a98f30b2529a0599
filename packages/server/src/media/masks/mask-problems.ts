import { groupDigits } from '@darkroom/protocol';
import type { Conversation } from '../../core/conversation.ts';
import { describePixels, maxMaskedPixels } from '../codec/decode-cost.ts';
import type { PictureHead } from '../codec/picture-head.ts';

/*
 * Masks. No model of ours has them: the model changes the whole picture, and then the original is put back where the mask is opaque
 * (`media/codec/composite-picture.ts`). The caller gets what the mask promises, whatever the model did.
 */

/** The URI of the picture that a mask belongs to: the first of the conversation. */
export function findMasked(conversation: Conversation): string | undefined {
  const pictures = conversation.flatMap(({ parts }) => parts).filter((part) => part.kind === 'picture');
  return pictures[0]?.uri;
}

/** Says why a mask cannot be used, as the end of a sentence that begins with the mask; `undefined` when nothing speaks against it. */
export function describeMaskProblem(mask: PictureHead, original: PictureHead | undefined): string | undefined {
  if (mask.type !== 'image/png' && mask.type !== 'image/webp') return `is ${mask.type}: give a PNG or a WebP`;
  if (!mask.hasAlpha) return 'has no alpha channel: make the area that may change transparent';
  const { width, height } = mask.pixels;
  if (width * height > maxMaskedPixels)
    return `has ${describePixels(mask.pixels)}: at most ${groupDigits(maxMaskedPixels)} are allowed`;
  if (!original || (original.pixels.width === width && original.pixels.height === height)) return undefined;
  return `has ${describePixels(mask.pixels)}, but the first picture has ${describePixels(original.pixels)}: both sizes must be the same`;
}
