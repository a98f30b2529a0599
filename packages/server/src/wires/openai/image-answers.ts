import type { Failure } from '../../core/failures.ts';
import type { ImageRequest, SuccessOutcome } from '../../core/image-request.ts';
import { toDollars } from '../../core/pricing.ts';
import { Problem } from '../../core/problem.ts';
import type { StoredPicture } from '../../core/stored-picture.ts';
import { type JsonAnswer, StoredBase64 } from '../../http/json-answer.ts';
import type { MediaStore } from '../../media/media-store.ts';
import type { PictureLosses } from '../../media/picture-losses.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import type { StreamEvent } from '../long-calls.ts';
import { toFailureReply } from '../openai-errors.ts';
import { toUsage } from './usage.ts';

export interface AnswerContext {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly losses: Pick<PictureLosses, 'among'>;
  readonly models: ModelRegistry;
  readonly publicUrl: () => string;
}

/** How the caller wants the pictures. */
export type ResponseFormat = 'b64_json' | 'url';

/** The answer to a request that has ended. Rejects with a `Problem` when the address of a lost picture would be given. */
export async function toImagesAnswer(
  request: ImageRequest,
  format: ResponseFormat,
  context: AnswerContext,
): Promise<JsonAnswer> {
  const { outcome } = request;
  if (outcome?.kind !== 'success') return toFailureReply(request);
  return { status: 200, body: await toImagesBody({ request, outcome, format }, context) };
}

/** A request that has made pictures, and how the caller wants them. */
interface Made {
  readonly request: ImageRequest;
  readonly outcome: SuccessOutcome;
  readonly format: ResponseFormat;
}

/** Source: `ImagesResponse` of the package openai. What could not be made is in `errors`, which OpenAI does not have. */
export async function toImagesBody({ request, outcome, format }: Made, context: AnswerContext) {
  if (format === 'url') await assertThere(request, outcome, context);
  const [first] = outcome.pictures;
  return {
    created: toSeconds(request.updatedAt),
    ...(first && toFacts(request, first, context)),
    data: outcome.pictures.map((picture) => toData(picture, format, context)),
    ...toUsageKey(request, outcome, context),
    ...(outcome.missing && { errors: outcome.missing.map((failure) => toError(request, failure)) }),
  };
}

/** The last events of a stream: one for each picture, of which the last one has the usage of all. */
export async function toEndEvents(
  request: ImageRequest,
  { format, isEdit }: { readonly format: ResponseFormat; readonly isEdit: boolean },
  context: AnswerContext,
): Promise<readonly StreamEvent[]> {
  const { outcome } = request;
  if (outcome?.kind !== 'success') return [{ event: 'error', data: toFailureReply(request).body }];
  if (format === 'url') await assertThere(request, outcome, context);
  const type = isEdit ? 'image_edit.completed' : 'image_generation.completed';
  return outcome.pictures.map((picture, index) => ({
    event: type,
    data: {
      type,
      created_at: toSeconds(request.updatedAt),
      ...toFacts(request, picture, context),
      ...toData(picture, format, context),
      ...(index === outcome.pictures.length - 1 && toUsageKey(request, outcome, context)),
    },
  }));
}

function toError({ id }: ImageRequest, failure: Failure) {
  return toFailureReply({ id, outcome: { kind: 'failure', failure } }).body;
}

/** What an answer calls the quality of pictures of a size, where the model has no qualities. */
const qualities: Readonly<Record<string, string>> = { '512': 'low', '1K': 'medium', '2K': 'high', '4K': 'max' };

function toData({ name }: StoredPicture, format: ResponseFormat, { media, publicUrl }: AnswerContext) {
  return format === 'url' ? { url: media.toAddress(name, publicUrl()).url } : { b64_json: new StoredBase64(name) };
}

/** The real facts of a picture, not the wish. */
function toFacts({ model, payload }: ImageRequest, { format, width, height }: StoredPicture, context: AnswerContext) {
  const { background, image_size, quality } = readWish(payload);
  const limits = context.models.find(model)?.limits;
  return {
    background: background === 'transparent' ? 'transparent' : 'opaque',
    output_format: format,
    quality: quality ?? limits?.qualities?.[0] ?? qualities[image_size ?? limits?.imageSizes[0] ?? '1K'] ?? 'medium',
    size: `${width}x${height}`,
  };
}

interface Wish {
  readonly background?: string;
  readonly image_size?: string;
  readonly quality?: string;
}

function readWish(payload: string): Wish {
  return JSON.parse(payload) as Wish; // a checked payload has texts under these names
}

function toUsageKey({ model, costMicros }: ImageRequest, outcome: SuccessOutcome, { models }: AnswerContext) {
  const usage = toUsage(outcome, models.find(model));
  return usage && { usage: { ...usage, cost_usd: toDollars(costMicros) } };
}

async function assertThere({ updatedAt }: ImageRequest, { pictures }: SuccessOutcome, { losses }: AnswerContext) {
  const [lost] = await losses.among(pictures, updatedAt);
  if (lost !== undefined)
    throw new Problem('media_lost', `The picture ${lost} is lost: its bytes are no longer in the storage.`);
}

export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
