import type { Pixels } from '@darkroom/protocol';
import type { Conversation } from '../../core/conversation.ts';
import type { Failure } from '../../core/failures.ts';
import type { MaskedPicture } from '../../core/masked-picture.ts';
import type { Box } from '../../providers/image-model.ts';
import { assertDecodable, decodePicture, type HeadedPicture } from '../codec/picture-codec.ts';
import { readPictureHead } from '../codec/picture-head.ts';
import type { FetchContext, PictureSource } from '../conversation/picture-source.ts';
import { UnreadablePictureError } from '../media-errors.ts';
import type { FetchedReference } from '../references/reference-fetcher.ts';
import { toFailure } from '../references/to-failure.ts';
import { describeMaskProblem, findMasked } from './mask-problems.ts';
import { findOpenBox } from './open-box.ts';

export interface ResolvedMask {
  readonly masked: MaskedPicture;
  readonly maskType: string;
  readonly pixels: Pixels;
  /** Where something may change: the model is told, since it does not see the mask. */
  readonly box: Box;
  /** The original as it was fetched, by its URI: it is not fetched twice. */
  readonly fetched: ReadonlyMap<string, FetchedReference>;
}

export interface FailedMask {
  readonly failure: Failure;
}

/** Fetches the mask of a conversation and the picture that it belongs to, and checks that they fit, before any call is made. */
export async function resolveMask(
  mask: string,
  conversation: Conversation,
  { source, ...context }: Omit<FetchContext, 'rules'> & { readonly source: PictureSource },
): Promise<ResolvedMask | FailedMask> {
  const uri = findMasked(conversation);
  if (uri === undefined) throw new Error('The mask has no picture to belong to.');
  const original = await source.fetchAsIs(uri, context);
  if (original.kind === 'failed') return { failure: toFailure('Picture 1 of turn 1', uri, original) };
  const cover = await source.fetchAsIs(mask, context);
  if (cover.kind === 'failed') return { failure: toFailure('The mask', mask, cover) };
  try {
    const below = await readWhole(original);
    const above = await readWhole(cover);
    const problem = describeMaskProblem(above.head, below.head) ?? (await describeOpaque(above));
    if (problem !== undefined) return toUnusable(`The mask ${problem}.`);
    return {
      masked: { original: original.file, mask: cover.file },
      maskType: above.head.type,
      pixels: below.head.pixels,
      box: await findOpenBox(above),
      fetched: new Map([[uri, original]]),
    };
  } catch (error) {
    if (!(error instanceof UnreadablePictureError)) throw error;
    return toUnusable('The mask, or the first picture, to which it belongs, cannot be decoded here.');
  }
}

function toUnusable(message: string): FailedMask {
  return { failure: { code: 'reference_unavailable', message } };
}

async function readWhole({ file }: Extract<FetchedReference, { kind: 'fetched' }>): Promise<HeadedPicture> {
  const picture = { file, head: await readPictureHead(file) };
  await assertDecodable(picture);
  return picture;
}

async function describeOpaque(mask: HeadedPicture): Promise<string | undefined> {
  const { isOpaque } = await decodePicture(mask, 'whole', (opened) => opened.stats());
  return isOpaque ? 'is opaque everywhere: make the area that may change transparent' : undefined;
}
