import { type ImageOutputFormat, originalFormat } from '@darkroom/protocol';
import type { Order } from '../core/order.ts';
import type { ResolvedTurns } from '../media/conversation/turn-resolver.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { ImageCall, PictureFile } from '../providers/image-model.ts';
import type { Claim } from '../store/request-store.ts';

/** A call as it is prepared: for which image, on which model, with which turns. */
export interface PreparedCall {
  readonly imageIndex: number;
  readonly claim: Pick<Claim, 'order' | 'tier'>;
  readonly model: ModelSpec;
  readonly resolved: Extract<ResolvedTurns, { readonly kind: 'turns' }>;
}

/** As the provider is asked to make it. */
export function toImageCall(
  { claim: { order, tier }, model, imageIndex, resolved }: PreparedCall,
  spoolFolder: string,
): ImageCall {
  const { turns, maskedPixels } = resolved;
  const parameters = maskedPixels ? model.fit(order, maskedPixels) : order.parameters;
  const pixels = model.pixels({ ...order, parameters });
  const format = toDrawnFormat(order);
  const mask = model.takesMask ? toGuide(resolved) : undefined;
  return {
    upstreamModel: model.upstreamId,
    turns,
    parameters,
    ...(pixels && { pixels }),
    ...(format && { format }),
    ...(mask && { mask }),
    imageIndex,
    spoolFolder,
    serviceTier: tier,
    timeoutMs: model.timeoutMs(order, tier),
  };
}

/** A picture that is encoded afterwards anyway is asked for without loss. */
function toDrawnFormat({ format, quality, mask }: Order): ImageOutputFormat | undefined {
  if (format === originalFormat) return undefined;
  return quality === undefined && mask === undefined ? format : 'png';
}

/** The mask, unless its picture may have been made smaller. */
function toGuide({ masked, maskType, reducedPictures = 0 }: PreparedCall['resolved']): PictureFile | undefined {
  return masked && maskType !== undefined && reducedPictures === 0
    ? { file: masked.mask, mimeType: maskType }
    : undefined;
}
