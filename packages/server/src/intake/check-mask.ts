import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseMediaName } from '../core/conversation.ts';
import type { Order } from '../core/order.ts';
import { createInputProblem } from '../core/parse-input.ts';
import { type PictureHead, readPictureHead } from '../media/codec/picture-head.ts';
import { describeMaskProblem, findMasked } from '../media/masks/mask-problems.ts';
import { MediaUnreadableError, UnreadablePictureError } from '../media/media-errors.ts';
import type { InlineContext } from './inline-pictures.ts';

/** Larger than every picture of a model. */
const mostBytes = 64 * 2 ** 20;

/**
 * Throws the `Problem` of a mask that does not fit its picture, as far as the two are stored here. The worker looks at them again,
 * and at those that it must fetch, before it makes a call.
 */
export async function checkMask(
  order: Pick<Order, 'mask' | 'conversation'>,
  { media, spoolFolder }: Pick<InlineContext, 'media' | 'spoolFolder'>,
): Promise<void> {
  const folder = await mkdtemp(path.join(spoolFolder, 'mask-'));
  try {
    const mask = await readStoredHead(order.mask, { media, folder });
    const original = await readStoredHead(findMasked(order.conversation), { media, folder });
    const message = mask && describeMaskProblem(mask, original);
    if (message !== undefined) throw createInputProblem([{ path: 'payload.mask', message }]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `undefined` when the picture is not stored here, cannot be read now, or is larger than any that is used. */
async function readStoredHead(
  uri: string | undefined,
  { media, folder }: Pick<InlineContext, 'media'> & { readonly folder: string },
): Promise<PictureHead | undefined> {
  const name = uri === undefined ? undefined : parseMediaName(uri);
  if (name === undefined) return undefined;
  try {
    const found = await media.find(name);
    // A bucket accepts uploads of any size.
    if (!found || found.bytes > mostBytes) return undefined;
    const spooled = await media.spool(name, folder);
    return spooled && (await readPictureHead(spooled.file));
  } catch (error) {
    if (error instanceof UnreadablePictureError || error instanceof MediaUnreadableError) return undefined;
    throw error;
  }
}
