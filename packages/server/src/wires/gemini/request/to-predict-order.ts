import { z } from 'zod';
import { createInputProblem, parseInput } from '../../../core/parse-input.ts';
import type { ModelLimits } from '../../../models/model-spec.ts';
import { findForeignKeys, predictRules } from './known-keys.ts';
import { toCamelCase } from './spelling.ts';
import { toRatioOfInput } from './to-order.ts';
import { number, text } from './values.ts';

const pictureSchema = z.looseObject({
  bytesBase64Encoded: text.optional(),
  gcsUri: text.optional(),
});

const instanceSchema = z.looseObject({
  prompt: text,
  image: pictureSchema.optional(),
});

/** The body of `predict`, in camelCase, as Open WebUI and the clients of Imagen send it. */
export const predictBodySchema = z
  .looseObject({
    instances: z.preprocess(
      (given) => [given].flat(),
      z.array(instanceSchema).length(1, { error: 'must be one instance {"prompt"}' }),
    ),
    parameters: z
      .looseObject({
        sampleCount: number.optional(),
        aspectRatio: text.optional(),
        sampleImageSize: text.optional(),
        imageSize: text.optional(),
        seed: number.optional(),
        outputOptions: z
          .looseObject({
            mimeType: text.optional(),
            compressionQuality: number.optional(),
          })
          .optional(),
      })
      .optional(),
  })
  .meta({ id: 'GeminiPredict' });

const mapped = ['sampleCount', 'aspectRatio', 'sampleImageSize', 'imageSize', 'seed', 'outputOptions'];

/** Clients of `predict` take the picture for a PNG without looking. */
export function toPredictPayload(given: unknown, limits: ModelLimits): object {
  const { instances, parameters = {} } = parseInput(predictBodySchema, toCamelCase(given), '', { keys: [] });
  const [instance] = instances;
  const { personGeneration, addWatermark, ...named } = parameters;
  const isOpen = personGeneration === undefined || /^allow_(adult|all)$/.test(String(personGeneration));
  const problems = findForeignKeys(
    { ...named, ...(!isOpen && { personGeneration }), ...(addWatermark === false && { addWatermark }) },
    { path: 'parameters', mapped, rules: predictRules },
  );
  if (problems.length > 0) throw createInputProblem(problems);
  const { sampleCount, aspectRatio, seed, outputOptions } = parameters;
  const size = parameters.imageSize ?? parameters.sampleImageSize;
  const picture = instance?.image?.bytesBase64Encoded ?? instance?.image?.gcsUri;
  const ratio = aspectRatio ?? (picture === undefined ? undefined : toRatioOfInput(limits));
  return {
    prompt: instance?.prompt,
    ...(picture !== undefined && { image: [picture] }),
    ...(sampleCount !== undefined && { number_of_images: sampleCount }),
    ...(ratio !== undefined && { aspect_ratio: ratio }),
    ...(size !== undefined && { image_size: size.toUpperCase() }),
    ...(seed !== undefined && { seed }),
    image_output_format: outputOptions?.mimeType?.replace(/^image\//, '').replace(/^jpg$/, 'jpeg') ?? 'png',
    ...(outputOptions?.compressionQuality !== undefined && {
      image_output_compression: outputOptions.compressionQuality,
    }),
  };
}
