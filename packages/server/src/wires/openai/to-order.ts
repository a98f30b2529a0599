import { isNotSet } from '@darkroom/protocol';
import { createInputProblem } from '../../core/parse-input.ts';
import type { Problem } from '../../core/problem.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import { findModel } from '../find-model.ts';
import { UnsupportedParameter } from '../openai-errors.ts';
import { toSizeChoice } from '../openai-sizes.ts';
import type { ImageCall } from './image-call.ts';
import { keptAlong, passedOn } from './parameters.ts';

/**
 * What a call asks for, in the words of the queue. Throws the `Problem` of a model that does not exist, of an edit without a picture,
 * or of what the model cannot do.
 */
export function toOrder(
  call: ImageCall,
  { models, isEdit }: { readonly models: ModelRegistry; readonly isEdit: boolean },
) {
  const model = findModel(models, call.model ?? models.list()[0]?.id ?? '');
  const image = [call.image ?? [], call.images ?? []].flat();
  if (isEdit && image.length === 0 && call.previous_request_id === undefined)
    throw refuse('image', 'is missing: an edit needs a picture');
  const size = toSizeChoice(call, model.limits, { isEdit, hasMask: call.mask !== undefined });
  const payload = {
    prompt: call.prompt,
    ...(image.length > 0 && { image }),
    ...(call.mask !== undefined && { mask: call.mask }),
    ...size.payload,
    ...toBackground(call, model),
    ...toNegativePrompt(call, model),
    ...toCount(call, model),
    ...toFormat(call),
    ...pick(call, passedOn),
    ...pick(call, keptAlong),
  };
  return { model: model.id, payload, warnings: size.warnings };
}

function toBackground({ background }: ImageCall, { id, limits: { optionalParameters } }: ModelSpec) {
  if (optionalParameters.includes('background')) return background === undefined ? {} : { background };
  if (background === 'transparent')
    throw refuse(
      'background',
      `must be auto or opaque: ${id} makes no alpha channel, so the background cannot be transparent`,
    );
  return {};
}

/** Engines of an operator may take it. */
function toNegativePrompt({ negative_prompt: prompt }: ImageCall, { id, limits: { optionalParameters } }: ModelSpec) {
  if (isNotSet(prompt)) return {};
  if (optionalParameters.includes('negative_prompt')) return { negative_prompt: prompt };
  throw new UnsupportedParameter('negative_prompt', `is not possible with ${id}: say in the prompt what to avoid`);
}

function toCount({ n }: ImageCall, { id, limits: { maxImages } }: ModelSpec) {
  if (n !== undefined && n > maxImages) throw refuse('n', `must be at most ${maxImages} with ${id}`);
  return n === undefined ? {} : { number_of_images: n };
}

function toFormat({ output_format: format, output_compression: compression = 100 }: ImageCall) {
  if (format === 'png' && compression < 100)
    throw refuse('output_compression', 'is possible only with jpeg and webp: a png is compressed without loss');
  return { image_output_format: format, ...(compression < 100 && { image_output_compression: compression }) };
}

function refuse(path: string, message: string): Problem {
  return createInputProblem([{ path, message }]);
}

function pick<K extends keyof ImageCall>(call: ImageCall, keys: readonly K[]): Partial<Pick<ImageCall, K>> {
  const entries = keys.filter((key) => call[key] !== undefined).map((key) => [key, call[key]] as const);
  return Object.fromEntries(entries) as Partial<Pick<ImageCall, K>>; // the keys that were picked
}
