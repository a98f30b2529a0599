import type {
  ImageModelV4,
  ImageModelV4CallOptions,
  ImageModelV4File,
  ImageModelV4Result,
  JSONObject,
  SharedV4Warning,
} from '@ai-sdk/provider';
import { type AskedShape, type ChosenShape, chooseShape } from './choose-shape.ts';
import type { Darkroom, SucceededRequest } from './darkroom.ts';
import { DarkroomError } from './darkroom-error.ts';
import type { PayloadInput } from './payload.ts';
import type { MediaRecord } from './shapes.ts';

const defaultModelId = 'gemini-3-pro-image-preview';
/** The most pictures of one request. */
const maxImages = 4;

/**
 * A Darkroom model as an image model of the Vercel AI SDK, for its `generateImage`. The keys of `providerOptions.darkroom`
 * are added to the payload, e.g. `{ image_size: '4K' }`. A mask changes the first picture where it is transparent, and the
 * picture keeps its size. A model that takes no seed makes its pictures without it, with a warning. A request that ends without a
 * picture throws a `RequestFailedError`. Aborting cancels the request.
 */
export function toImageModel(darkroom: Darkroom, modelId: string = defaultModelId): ImageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'darkroom',
    modelId,
    maxImagesPerCall: maxImages,
    supportsFileInputs: true,
    supportsMaskInputs: true,
    doGenerate: async (options) => {
      const { signal, ...asked } = { ...options, signal: options.abortSignal };
      const shape = asked.mask ? toMaskedShape(asked) : chooseShape(asked);
      const payload = await toPayload(darkroom, asked, shape);
      const generate = (chosen: PayloadInput) =>
        darkroom.generate(chosen, { model: modelId, ...(signal && { signal }) });
      const warnings = [...shape.warnings];
      const record = await generate(payload).catch((error: unknown) => {
        if (!isSeedRefused(error)) throw error;
        warnings.push({ type: 'unsupported', feature: 'seed', details: `${modelId} takes none.` });
        const { seed: _refused, ...rest } = payload;
        return generate(rest);
      });
      const images = await Promise.all(record.outcome.media_urls.map(({ url }) => read(darkroom, url, signal)));
      return toResult(record, images, warnings);
    },
  };
}

/** The picture keeps the size of the one that the mask is laid over. */
function toMaskedShape({ size, aspectRatio }: Pick<ImageModelV4CallOptions, 'size' | 'aspectRatio'>): ChosenShape {
  const details = 'With a mask, the picture keeps the size of the first one.';
  const warnings = Object.entries({ size, aspectRatio }).flatMap(([feature, value]): SharedV4Warning[] =>
    value === undefined ? [] : [{ type: 'unsupported', feature, details }],
  );
  return { warnings };
}

/** Did the model refuse nothing but the seed? Nothing was submitted then. */
function isSeedRefused(error: unknown): boolean {
  const details = error instanceof DarkroomError ? (error.details ?? []) : [];
  return details.length > 0 && details.every(({ path }) => path === 'payload.seed');
}

async function toPayload(
  darkroom: Darkroom,
  { prompt, n, files, mask, seed, providerOptions, abortSignal: signal }: ImageModelV4CallOptions,
  { aspectRatio, imageSize }: AskedShape,
): Promise<PayloadInput> {
  const image = await Promise.all((files ?? []).map((file) => toReference(darkroom, file, signal)));
  const maskUrl = mask && (await toReference(darkroom, mask, signal));
  return {
    ...(prompt !== undefined && { prompt }),
    ...(image.length > 0 && { image }),
    ...(maskUrl !== undefined && { mask: maskUrl }),
    ...(seed !== undefined && { seed }),
    ...(aspectRatio && { aspect_ratio: aspectRatio }),
    ...(imageSize && { image_size: imageSize }),
    number_of_images: n,
    // The server checks these options.
    ...providerOptions['darkroom'],
  };
}

async function toReference(
  darkroom: Darkroom,
  file: ImageModelV4File,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (file.type === 'url') return file.url;
  const bytes = typeof file.data === 'string' ? fromBase64(file.data) : file.data;
  return darkroom.upload(bytes, { ...(signal && { signal }) });
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

async function read(darkroom: Darkroom, url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const response = await darkroom.download(url, { ...(signal && { signal }) });
  return new Uint8Array(await response.arrayBuffer());
}

function toResult(
  record: SucceededRequest,
  images: Uint8Array[],
  warnings: readonly SharedV4Warning[],
): ImageModelV4Result {
  const { outcome, request_id: requestId } = record;
  const { usage, missing = [] } = outcome;
  return {
    images,
    warnings: [...warnings, ...missing.map(({ message }) => ({ type: 'other' as const, message }))],
    providerMetadata: { darkroom: { requestId, costUsd: outcome.cost_usd, images: toImageFacts(record) } },
    response: {
      timestamp: new Date(record.updated_at * 1_000),
      modelId: outcome.model_version ?? record.model,
      headers: undefined,
    },
    ...(usage && {
      usage: {
        inputTokens: usage.prompt_tokens,
        outputTokens: usage.total_tokens - usage.prompt_tokens,
        totalTokens: usage.total_tokens,
      },
    }),
  };
}

/** Gives each picture its share of the cost: `generateImage` joins pictures of several requests and drops other facts. */
function toImageFacts({ request_id: requestId, outcome, media = [] }: SucceededRequest): JSONObject[] {
  const { media_urls, cost_usd } = outcome;
  const facts = new Map<string, MediaRecord>(media.map((one) => [one.id, one]));
  return media_urls.map(({ id, url }) => {
    const { width = null, height = null } = facts.get(id) ?? {};
    return { requestId, url, width, height, costUsd: cost_usd / media_urls.length };
  });
}
