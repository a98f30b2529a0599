import { type Failure, toFailureKind } from '../../../core/failures.ts';
import type { ImageRequest } from '../../../core/image-request.ts';
import { toDollars } from '../../../core/pricing.ts';
import type { StoredPicture } from '../../../core/stored-picture.ts';
import type { MediaStore } from '../../../media/media-store.ts';

export interface PicturePlaces {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: () => string;
}

/** A request as structured content, with the names of the other wires. */
export function toRequestRecord(request: ImageRequest, places: PicturePlaces) {
  const { id, status, model, outcome, costMicros, estimatedCostMicros } = request;
  return {
    request_id: id,
    status,
    model,
    created_at: toIso(request.createdAt),
    updated_at: toIso(request.updatedAt),
    cost_usd: toDollars(costMicros),
    ...(!outcome && { estimated_cost_usd: toDollars(estimatedCostMicros) }),
    ...(outcome?.kind === 'success' && {
      images: outcome.pictures.map((picture) => toPictureRecord(picture, places)),
      ...(outcome.text !== undefined && { text: outcome.text }),
      ...(outcome.missing && { missing: outcome.missing.map(toFailureRecord) }),
    }),
    ...(outcome?.kind === 'failure' && { error: toFailureRecord(outcome.failure) }),
  };
}

export function toPictureRecord(
  { name, format, width, height, bytes }: StoredPicture,
  { media, publicUrl }: PicturePlaces,
) {
  return {
    url: media.toAddress(name, publicUrl()).url,
    thumbnail_url: `${publicUrl()}/media/${name}/thumbnail`,
    mime_type: `image/${format}`,
    width,
    height,
    bytes,
  };
}

function toFailureRecord({ code, message }: Failure) {
  return { code, message, retryable: toFailureKind(code).isRetryable };
}

export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
