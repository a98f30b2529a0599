import { createInputProblem } from '../../core/parse-input.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import { toSizeChoice } from '../openai-sizes.ts';
import type { ImageBody, SentFile } from './image-body.ts';

/** What the AI SDK shows a program about how its call was read. */
export type Warning =
  | { readonly type: 'unsupported' | 'compatibility'; readonly feature: string; readonly details: string }
  | { readonly type: 'other'; readonly message: string };

/** The payload of the queue that a body means. Keys that are `undefined` are left out of its JSON. */
export function toPayload(body: ImageBody, { id, limits }: Pick<ModelSpec, 'id' | 'limits'>): Record<string, unknown> {
  const { prompt, n, seed, files = [], mask, providerOptions: { google = {}, darkroom } = {} } = body;
  if (n !== undefined && n > limits.maxImages)
    throw createInputProblem([{ path: 'n', message: `must be at most ${limits.maxImages} with ${id}` }]);
  return {
    prompt,
    number_of_images: n,
    seed,
    image: files.length > 0 ? files.map(toReference) : undefined,
    mask: mask && toReference(mask),
    ...chooseSize(body, limits).payload,
    google_search: google.googleSearch === undefined ? undefined : true,
    safety_settings: google.safetySettings,
    thinking_level: google.thinkingConfig?.thinkingLevel,
    ...darkroom,
  };
}

export function toWarnings(body: ImageBody, { limits }: Pick<ModelSpec, 'limits'>): readonly Warning[] {
  const sizes = chooseSize(body, limits).warnings.map((details) => ({
    type: 'compatibility' as const,
    feature: 'size',
    details,
  }));
  const foreign = Object.keys(body.providerOptions ?? {}).filter((name) => !knownOptions.has(name));
  const options = foreign.map((name) => ({
    type: 'unsupported' as const,
    feature: `providerOptions.${name}`,
    details: 'no model here has these options',
  }));
  return [...sizes, ...options];
}

const knownOptions: ReadonlySet<string> = new Set(['google', 'darkroom', 'gateway']);

function chooseSize({ size, aspectRatio, files = [], providerOptions }: ImageBody, limits: ModelSpec['limits']) {
  const { aspectRatio: ratio, imageSize } = providerOptions?.google?.imageConfig ?? {};
  const wish = { size, aspect_ratio: aspectRatio ?? ratio, image_size: imageSize };
  return toSizeChoice(wish, limits, { isEdit: files.length > 0 });
}

function toReference(file: SentFile): string {
  if (file.type === 'url') return file.url;
  return `data:${file.mediaType ?? 'image/png'};base64,${file.data}`;
}
